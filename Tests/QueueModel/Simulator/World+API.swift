/// Callers and the API processes they speak to.
extension World {
    /// A request that got no answer is sent again so often, by the same process, as one that may have been carried out.
    private static let requestTries = 2

    mutating func stepAPI(_ event: Event) {
        if event.process < 0 { outside -= 1 }
        switch event.step {
        case .accept: accept(event.first, tries: event.second, process: event.process)
        case .acceptSlowly:
            var message = Message(operation: .accept, job: event.first, value: 0)
            message.clock = event.second
            heard(call(message), of: event.first, tries: Self.requestTries, event.process, rings: 0)
        case .insertUnchecked:
            heard(
                call(Message(operation: .insert, job: event.first, value: 1)),
                of: event.first,
                tries: 1,
                event.process
            )
        case .ring:
            extraRings += 1
            _ = call(Message(operation: .ring, job: event.first))
        case .cancel: cancel(event.first, tries: event.second)
        case .cancelAsRead: _ = call(Message(operation: .cancelAsRead, job: event.first))
        case .redrive: redrive(event.first)
        default: break
        }
    }

    func spec(of job: JobNumber) -> JobSpec { job < plan.jobs.count ? plan.jobs[job].spec : JobSpec(job) }

    private mutating func accept(_ job: JobNumber, tries: Int, process: Int) {
        let process = process >= 0 ? process : dice.roll(plan.apis)
        if flaw == .checksKeyOutside, tries == 0 {
            let answer = call(Message(operation: .keyCheck, job: job))
            if answer.isYes { later(.insertUnchecked, of: process, in: hop(), job) }
            return
        }
        if tries == 0, isSlow(job) {
            // A transaction that reads the lane's time now and is committed seconds later.
            later(
                .acceptSlowly,
                of: process,
                in: 1500 + Int(plan.seed / 16 % 3000),
                job,
                ledger.clockNow(lane: Self.lane)
            )
            return
        }
        // Rung by the caller itself when the stream has room, which only its last answer told it.
        let rings = dice.once(in: 3) ? 0 : 1
        heard(call(Message(operation: .accept, job: job, value: rings)), of: job, tries: tries, process, rings: rings)
    }

    /// Whether a job's acceptance takes seconds: a matter of the seed alone, so that no other choice changes with it.
    private func isSlow(_ job: JobNumber) -> Bool { (plan.seed &+ 7 &* UInt64(job)) % 16 == 0 }

    private mutating func heard(_ answer: Answer, of job: JobNumber, tries: Int, _ process: Int, rings: Int = 1) {
        if !answer.arrived {
            if tries + 1 < Self.requestTries { later(.accept, of: process, in: 20 + dice.roll(3000), job, tries + 1) }
            return
        }
        // Told after COMMIT.
        if answer.value >= 0 { oracle.ghosts[answer.value].isPromised = true }
        if answer.isYes, rings == 1, ledger.rows[job].runAt <= now { later(.ring, of: process, in: hop(), job) }
    }

    private mutating func cancel(_ job: JobNumber, tries: Int) {
        if flaw == .cancelsAsRead {
            if call(Message(operation: .look, job: job)).isYes { planOutside(.cancelAsRead, at: now + hop(), job) }
            return
        }
        let answer = call(Message(operation: .cancel, job: job))
        if !answer.arrived, tries < 1 { planOutside(.cancel, at: now + 200, job, tries + 1) }
    }

    private mutating func redrive(_ job: JobNumber) {
        disturb(until: now)
        let answer = call(Message(operation: .redrive, job: job))
        if !answer.arrived { planOutside(.redrive, at: now + 1000, job) }
    }
}
