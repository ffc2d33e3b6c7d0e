extension ProtocolState {
    /// A worker's step.
    mutating func work(_ kind: Action.Kind, _ worker: Int) {
        switch kind {
        case .read:
            guard let entry = doorbell.read(by: hands[worker].owner, now: now) else { return }
            hands[worker].phase = .read
            hands[worker].job = entry.job
            hands[worker].entry = entry.sequence
        case .claim: claim(worker, isHeard: true)
        case .claimWithoutAnswer:
            lossesLeft -= 1
            claim(worker, isHeard: false)
        case .acknowledge:
            doorbell.acknowledge(hands[worker].entry)
            hands[worker].entry = 0
        case .beat: beat(worker)
        case .crashWorker:
            crashesLeft -= 1
            hands[worker] = Hand(owner: nextOwner)
            nextOwner += 1
        case .sendAgain:
            let isOnItsWay = letters.contains { $0.claim == hands[worker].claim && $0.operation != .ring }
            if isOnItsWay { doublesLeft -= 1 }
            var again = hands[worker].sent
            again.repeated = true
            letters.append(again)
        default: send(kind, worker)
        }
    }

    private mutating func claim(_ worker: Int, isHeard: Bool) {
        let job = hands[worker].job
        ledger.see(hands[worker].owner, now: now)
        let lease = ledger.claim(job, by: hands[worker].owner, now: now)
        if let lease {
            oracle.noteClaim(of: lease, now: now)
            observe(job, Message(operation: .claim, job: job))
        }
        guard isHeard, let lease else {
            // Unheard, the entry stays unacknowledged and is rung again; refused, it was a duplicate.
            if !isHeard { hands[worker].entry = 0 }
            letGo(worker)
            return
        }
        hands[worker].phase = .working
        hands[worker].epoch = lease.epoch
        hands[worker].claim = oracle.claims
    }

    private mutating func beat(_ worker: Int) {
        ledger.see(hands[worker].owner, now: now)
        let message = letter(.beat, worker)
        let answer = ledger.beat(message.lease, now: now)
        // What was sent and applied while the answer is on its way is no loss.
        if answer != .lost || hands[worker].phase == .working { oracle.noteBeat(message, answer, now: now) }
        if answer == .lost, hands[worker].phase == .working { letGo(worker) }
        if answer == .cancelRequested { hands[worker].isCancelled = true }
    }

    private func letter(_ operation: Operation, _ worker: Int) -> Message {
        Message(
            operation: operation,
            job: hands[worker].job,
            epoch: hands[worker].epoch,
            owner: hands[worker].owner,
            claim: hands[worker].claim
        )
    }

    private mutating func send(_ kind: Action.Kind, _ worker: Int) {
        var message = letter(.release, worker)
        switch kind {
        case .snooze:
            snoozesLeft -= 1
            message.how = .snooze(0)
        case .retry:
            retriesLeft -= 1
            message.how = .retry(after: 0)
        case .handBack:
            handBacksLeft -= 1
            message.how = .handBack
        case .endCancelled:
            message.operation = .complete
            message.outcome = .cancelled
        default: message.operation = .complete
        }
        hands[worker].phase = .waiting
        hands[worker].sent = message
        letters.append(message)
    }
}
