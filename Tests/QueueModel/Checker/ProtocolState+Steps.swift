extension ProtocolState {
    /// Takes one step; what the oracle thinks of it is in `oracle.broken` afterwards.
    mutating func take(_ action: Action) {
        switch action.kind {
        case .accept, .acceptAndRing: accept(action.subject, ring: action.kind == .acceptAndRing)
        case .cancel, .cancelAsRead: cancel(action)
        case .deliver: deliver(action.subject, isHeard: true)
        case .loseAnswer:
            lossesLeft -= 1
            deliver(action.subject, isHeard: false)
        case .loseLetter:
            lossesLeft -= 1
            letters.remove(at: action.subject)
        case .crashKeeper:
            crashesLeft -= 1
            marked = -1
            repair = .none
        case .flush:
            flushesLeft -= 1
            doorbell.flush()
        case .tick: now += 1
        case .read, .claim, .claimWithoutAnswer, .acknowledge, .claimDirectly, .beat, .crashWorker, .succeed,
            .endCancelled, .snooze, .retry, .handBack, .sendAgain:
            work(action.kind, action.subject)
        default: keep(action.kind)
        }
    }

    mutating func observe(_ job: JobNumber, _ message: Message) {
        _ = oracle.observe(job, message, in: ledger, now: now)
    }

    mutating func observeAll(_ message: Message) {
        for job in 0..<ledger.rows.count { observe(job, message) }
    }

    private mutating func accept(_ job: JobNumber, ring: Bool) {
        _ = ledger.accept(JobSpec(job), ring: ring, now: now)
        observe(job, Message(operation: .accept, job: job))
        if ring { letters.append(Message(operation: .ring, job: job)) }
    }

    private mutating func cancel(_ action: Action) {
        let job = action.subject
        if action.kind == .cancelAsRead {
            waitingAsRead = -1
            ledger.cancelAsRead(job, now: now)
        } else {
            cancelsLeft -= 1
            if ledger.flaw == .cancelsAsRead {
                if ledger.rows[job].state.isWaiting { waitingAsRead = job }
                return
            }
            _ = ledger.cancel(job, now: now)
        }
        oracle.noteCancel(in: ledger)
        observeAll(Message(operation: .cancel, job: job))
    }

    /// Carries a letter out; its sender goes on if it still waits for just this answer.
    private mutating func deliver(_ letter: Int, isHeard: Bool) {
        let message = letters.remove(at: letter)
        if message.operation == .ring {
            doorbell.ring(message.job, lane: 2, now: now)
            return
        }
        let wasRunning = ledger.rows[message.job].state == .running
        let isYes: Bool
        if message.operation == .complete {
            isYes = ledger.complete(
                message.lease,
                as: message.outcome,
                result: 1,
                repeated: message.repeated,
                now: now
            )
        } else {
            isYes = ledger.release(message.lease, message.how, now: now)
        }
        oracle.noteWrite(message, isYes: isYes, ledgerWasRunning: wasRunning)
        observe(message.job, message)
        guard isHeard else { return }
        for hand in 0..<hands.count where hands[hand].phase == .waiting && hands[hand].claim == message.claim {
            letGo(hand)
        }
    }

    mutating func letGo(_ hand: Int) {
        hands[hand].phase = .idle
        hands[hand].job = -1
        hands[hand].claim = 0
        hands[hand].epoch = 0
        hands[hand].isCancelled = false
    }

    private mutating func keep(_ kind: Action.Kind) {
        switch kind {
        case .take: marked = ledger.takeUnrung(lane: 2, limit: 1, now: now).first ?? -1
        case .ringMarked:
            doorbell.ring(marked, lane: 2, now: now)
            marked = -1
        case .reclaim: _ = doorbell.reclaim(idle: ledger.timing.reclaimIdle, now: now)
        case .dropPending:
            for owner in 0..<nextOwner where !hands.contains(where: { $0.owner == owner }) {
                doorbell.deleteConsumer(owner)
            }
        case .unmarkStale:
            _ = ledger.unmarkStale(lane: 2, olderThan: -1, now: now)
        case .noticeLoss:
            lostGeneration = ledger.generation
            repair = .startGeneration
        case .startGeneration: repair = ledger.startGeneration(after: lostGeneration) ? .setToken : .none
        case .setToken:
            doorbell.token = lostGeneration + 1
            repair = .unmarkOlder
        case .unmarkOlder:
            _ = ledger.unmarkOlderGenerations()
            repair = .none
        case .promote: _ = ledger.promoteDue(now: now)
        case .reap:
            _ = ledger.reap(now: ledger.flaw == .reapsByOwnClock ? now + 2 : now)
            observeAll(Message(operation: .reap))
        case .readExpired:
            for job in 0..<ledger.rows.count where ledger.isExpired(job, now: now) { expiredAsRead = job }
        case .takeBackAsRead:
            if ledger.rows[expiredAsRead].state == .running { ledger.takeBack(expiredAsRead, now: now) }
            expiredAsRead = -1
            observeAll(Message(operation: .takeBack))
        default: break
        }
    }
}
