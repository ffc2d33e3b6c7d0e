/// What the two stores do with a message; every statement is watched.
extension World {
    mutating func perform(_ message: Message) -> Answer {
        var answer = Answer()
        answer.arrived = true
        switch message.operation {
        case .accept, .insert: accept(message, &answer)
        case .keyCheck: answer.isYes = ledger.keyIsFree(spec(of: message.job))
        case .claim, .claimDirectly: claim(message, &answer)
        case .beat: beat(message, &answer)
        case .complete, .release, .report, .fanOut: write(message, &answer)
        case .look: answer.isYes = ledger.rows[message.job].state.isWaiting
        case .cancel, .cancelAsRead: cancel(message, &answer)
        case .redrive: redrive(message, &answer)
        default: keep(message, &answer)
        }
        return answer
    }

    private mutating func accept(_ message: Message, _ answer: inout Answer) {
        let spec = spec(of: message.job)
        // The promise is the rule's, not the statement's: the real one looks among ended jobs when told so.
        let ring = message.value == 1
        let acceptance =
            message.operation == .insert
            ? ledger.insert(spec, ring: ring, now: now) : ledger.accept(spec, ring: ring, now: now)
        answer.value = -1
        switch acceptance {
        case .accepted(let job):
            answer.isYes = true
            answer.value = job
        case .duplicate(let job): answer.value = job
        case .keyConflict, .deadlinePassed, .draining: break
        }
        tell("\(message.operation) job \(message.job): \(acceptance)")
        observe(message.job, message)
    }

    private mutating func claim(_ message: Message, _ answer: inout Answer) {
        let lease =
            message.operation == .claim
            ? ledger.claim(message.job, by: message.owner, now: now)
            : ledger.claimDirectly(lane: Self.lane, by: message.owner, now: now)
        tell("claim of job \(message.job) by process \(message.owner): \(lease.map { "epoch \($0.epoch)" } ?? "none")")
        guard let lease else { return }
        claims += 1
        answer.isYes = true
        answer.value = lease.job
        answer.epoch = lease.epoch
        if ghosts[lease.job].claim != 0 { violate(.doubleClaim, lease.job) }
        if ghosts[lease.job].isCancelWanted { violate(.ranAfterCancel, lease.job) }
        noteRecovery(lease.job)
        ghosts[lease.job].claim = claims
        ghosts[lease.job].owner = lease.owner
        ghosts[lease.job].renewedAt = now
        ghosts[lease.job].runs += 1
        observe(lease.job, message)
    }

    private mutating func beat(_ message: Message, _ answer: inout Answer) {
        ledger.see(message.owner, now: now)
        answer.beat = ledger.beat(message.lease, now: now)
        let isNewest = ghosts[message.job].claim == message.claim
        if answer.beat == .lost {
            if isNewest { violate(.holderRefused, message.job) }
        } else if isNewest {
            ghosts[message.job].renewedAt = now
        } else {
            violate(.staleBeat, message.job)
        }
    }

    /// Everything a worker writes under a lease.
    private mutating func write(_ message: Message, _ answer: inout Answer) {
        let wasRunning = ledger.rows[message.job].state == .running
        let isNewest = ghosts[message.job].claim == message.claim
        switch message.operation {
        case .complete:
            answer.isYes = ledger.complete(
                message.lease,
                as: message.outcome,
                result: message.claim,
                failure: message.outcome == .dead ? .poison : .handler,
                repeated: message.repeated,
                now: now
            )
            if answer.isYes, !wasRunning, ghosts[message.job].endedUnder != message.claim {
                violate(.strangersEnd, message.job)
            }
        case .release: answer.isYes = ledger.release(message.lease, message.how, now: now)
        case .report:
            answer.isYes = ledger.report(progress: message.claim, message.lease)
            if answer.isYes { _ = ledger.save(checkpoint: message.claim, message.lease) }
        default: fanOut(message, &answer)
        }
        tell("\(message.operation) of job \(message.job) under claim \(message.claim): \(answer.isYes)")
        if isNewest, !answer.isYes { violate(.holderRefused, message.job) }
        observe(message.job, message)
        if message.operation != .report { observeFamily(of: message.job, message) }
    }

    private mutating func fanOut(_ message: Message, _ answer: inout Answer) {
        let script = plan.jobs[message.job]
        var children = [JobSpec(script.family), JobSpec(script.family + 1)]
        for child in 0..<children.count { children[child].tenant = script.spec.tenant }
        answer.isYes = ledger.fanOut(
            message.lease,
            children: children,
            policy: script.failPolicy,
            completionJob: script.family + 2,
            now: now
        )
    }

    private mutating func cancel(_ message: Message, _ answer: inout Answer) {
        if message.operation == .cancelAsRead {
            ledger.cancelAsRead(message.job, now: now)
        } else {
            let found = ledger.cancel(message.job, now: now)
            tell("cancel of job \(message.job): \(found)")
            answer.value = Int(found.rawValue)
        }
        for job in 0..<ghosts.count {
            if ledger.rows[job].cancelRequested { ghosts[job].isCancelWanted = true }
            observe(job, message)
        }
    }

    private mutating func redrive(_ message: Message, _ answer: inout Answer) {
        guard ledger.redrive(message.job, now: now) else { return }
        tell("job \(message.job) is redriven")
        ghosts[message.job].isEnded = false
        ghosts[message.job].isCancelWanted = false
        ghosts[message.job].crashCount = 0
        liveJobs += 1
        observe(message.job, message)
    }
}
