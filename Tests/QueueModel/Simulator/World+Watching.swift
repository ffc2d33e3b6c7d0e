/// The invariants that need to know the world around the ledger, checked after every statement.
extension World {
    /// Hands a job's row to the oracle, and looks at what its change means here.
    mutating func observe(_ job: JobNumber, _ message: Message) {
        let change = oracle.observe(job, message, in: ledger, now: now)
        if change.isEmpty { return }
        if change.contains(.attemptEnded), message.operation == .reap || message.operation == .takeBack {
            for worker in 0..<workers.count
            where workers[worker].place(ofClaim: oracle.ghosts[job].endedUnder) >= 0 && isHealthy(worker) {
                oracle.violate(.leaseTakenFromHealthy, job)
            }
        }
        if change.contains(.deathCharged) {
            seen.note(.deathCharged)
            if ledger.rows[job].state == .dead { seen.note(.diedTooOften) }
            for worker in 0..<workers.count
            where workers[worker].owner == oracle.ghosts[job].owner && isHealthy(worker) {
                oracle.violate(.blamedTheLiving, job)
            }
        }
        if change.contains(.ended) { noteEnd(of: job) }
    }

    mutating func observeAll(_ message: Message) {
        for job in 0..<oracle.ghosts.count { observe(job, message) }
    }

    /// The parent, the siblings and what a parent's end made.
    mutating func observeFamily(of job: JobNumber, _ message: Message) {
        if job < plan.jobs.count, plan.jobs[job].family < 0 { return }
        observeAll(message)
        for parent in 0..<plan.jobs.count where plan.jobs[parent].family >= 0 {
            oracle.checkFamily(parent: parent, firstChild: plan.jobs[parent].family, in: ledger)
            if ledger.rows[parent].state == .queued, ledger.rows[parent].childrenOpen > 0 { seen.note(.failedFast) }
        }
    }

    /// Whether a worker had no trouble of its own for as long as a lease holds.
    private func isHealthy(_ worker: Int) -> Bool {
        processes[firstWorker + worker].isAlive && workers[worker].troubledUntil + timing.lease < now
            && processes[firstWorker + worker].frozenUntil + timing.lease < now
    }

    private mutating func noteEnd(of job: JobNumber) {
        noteRecovery(job)
        let state = ledger.rows[job].state
        tell("job \(job) has ended: \(state)")
        if state == .dead || state == .failed, job < plan.jobs.count, plan.jobs[job].isRedriven,
            !oracle.ghosts[job].isRedriven
        {
            oracle.ghosts[job].isRedriven = true
            planOutside(.redrive, at: now + 1 + dice.roll(1500), job)
        }
    }

    /// A killed worker's job runs again, or has ended.
    mutating func noteRecovery(_ job: JobNumber) {
        if oracle.ghosts[job].killedAt < 0 { return }
        seen.note(.recovered)
        if isLate(job) { oracle.violate(.slowRecovery, job) }
        oracle.ghosts[job].killedAt = -1
    }

    /// Only where nothing else went wrong since, and a slot is free for every job.
    private func isLate(_ job: JobNumber) -> Bool {
        let killedAt = oracle.ghosts[job].killedAt
        return now > killedAt + Self.recovery && disturbedAt <= killedAt
            && plan.capacity <= plan.workers * plan.slots && plan.pausedAt < 0 && plan.cap == 0
    }

    /// Once a round: whether anything has been waiting for too long.
    mutating func checkPatience() {
        for job in 0..<oracle.ghosts.count where oracle.ghosts[job].killedAt >= 0 && isLate(job) {
            oracle.violate(.slowRecovery, job)
        }
        if now <= disturbedAt + Self.patience { return }
        for job in 0..<oracle.ghosts.count where oracle.ghosts[job].isInserted && !oracle.ghosts[job].isEnded {
            oracle.violate(.neverEnds, job)
        }
    }

    mutating func checkAudit() {
        for job in 0..<oracle.ghosts.count where oracle.ghosts[job].isPromised && !oracle.ghosts[job].isInserted {
            oracle.violate(.lost, job)
        }
        for tenant in 0..<2 where ledger.audit(tenant: tenant).difference != 0 { oracle.violate(.auditDiffers, -1) }
    }
}
