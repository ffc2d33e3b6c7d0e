/// What the two stores do with a message; every statement is watched.
extension World {
    mutating func perform(_ message: Message) -> Answer {
        var answer = Answer()
        answer.arrived = true
        ledger.clockSeen = message.clock
        defer { ledger.clockSeen = nil }
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
        case .duplicate(let job):
            answer.value = job
            seen.note(.keyUsedAgain)
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
        if ledger.rules.isUsed, message.job >= 0, ledger.rows[message.job].held { seen.note(.heldByRule) }
        guard let lease else { return }
        if message.operation == .claimDirectly { seen.note(.directClaim) }
        answer.isYes = true
        answer.value = lease.job
        answer.epoch = lease.epoch
        noteRecovery(lease.job)
        oracle.noteClaim(of: lease, now: now)
        observe(lease.job, message)
    }

    private mutating func beat(_ message: Message, _ answer: inout Answer) {
        ledger.see(message.owner, now: now)
        answer.beat = ledger.beat(message.lease, now: now)
        if answer.beat == .lost { seen.note(.lossHeardByBeat) }
        oracle.noteBeat(message, answer.beat, now: now)
    }

    /// Everything a worker writes under a lease.
    private mutating func write(_ message: Message, _ answer: inout Answer) {
        let wasRunning = ledger.rows[message.job].state == .running
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
        case .release: answer.isYes = ledger.release(message.lease, message.how, now: now)
        case .report:
            answer.isYes = ledger.report(progress: message.claim, message.lease)
            if answer.isYes { _ = ledger.save(checkpoint: message.claim, message.lease) }
        default: fanOut(message, &answer)
        }
        tell("\(message.operation) of job \(message.job) under claim \(message.claim): \(answer.isYes)")
        noteWrite(message, isYes: answer.isYes, wasRunning: wasRunning)
        oracle.noteWrite(message, isYes: answer.isYes, ledgerWasRunning: wasRunning)
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
            if found == .cancelled { seen.note(.cancelledWaiting) }
            if found == .requested { seen.note(.cancelWanted) }
        }
        oracle.noteCancel(in: ledger)
        observeAll(message)
    }

    private mutating func redrive(_ message: Message, _ answer: inout Answer) {
        guard ledger.redrive(message.job, now: now) else { return }
        tell("job \(message.job) is redriven")
        seen.note(.redriven)
        oracle.noteRedrive(of: message.job)
        observe(message.job, message)
    }

    /// Notes which way a worker's write went.
    private mutating func noteWrite(_ message: Message, isYes: Bool, wasRunning: Bool) {
        if !isYes { seen.note(.staleWriteRefused) }
        if !isYes || !wasRunning {
            if isYes { seen.note(.repetitionConfirmed) }
            return
        }
        let state = ledger.rows[message.job].state
        switch message.operation {
        case .report: seen.note(.progressWritten)
        case .fanOut: seen.note(.familyWaited)
        case .release:
            if state == .cancelled { seen.note(.cancelledOnRelease) }
            if state == .dead { seen.note(.retriesExhausted) }
            switch message.how {
            case .handBack: seen.note(.handedBack)
            case .retry: seen.note(.retried)
            case .snooze: seen.note(.snoozed)
            case .rateLimited: seen.note(.rateLimited)
            }
        default:
            if message.outcome == .dead { seen.note(.quarantined) }
            if message.outcome == .succeeded, state == .cancelled { seen.note(.cancelledAfterSuccess) }
            if message.outcome == .succeeded, state == .failed { seen.note(.overdueAtCompletion) }
            if ledger.rows[message.job].completionJob >= 0 { seen.note(.completionJobAccepted) }
        }
    }
}
