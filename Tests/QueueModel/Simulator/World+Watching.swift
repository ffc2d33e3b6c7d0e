/// The invariants, checked after every statement.
extension World {
    /// Compares a job's row with what is known of it, given the statement that was carried out.
    mutating func observe(_ job: JobNumber, _ message: Message) {
        let row = ledger.rows[job]
        if row.epoch < ghosts[job].epoch { violate(.epochShrank, job) }
        ghosts[job].epoch = row.epoch
        if row.state == .absent {
            if ghosts[job].isInserted { violate(.lost, job) }
            return
        }
        if !ghosts[job].isInserted { noteInsertion(job) }
        if ghosts[job].isEnded {
            if row.state != ghosts[job].endState || row.result != ghosts[job].result { violate(.endChanged, job) }
            return
        }
        if row.progress != ghosts[job].progress {
            if message.operation != .report || message.claim != ghosts[job].claim { violate(.staleProgress, job) }
            ghosts[job].progress = row.progress
        }
        if row.state != .running, ghosts[job].claim != 0 { noteEndOfAttempt(job, message) }
        if row.crashCount > ghosts[job].crashCount { noteDeath(job) }
        if row.state.isTerminal { noteEnd(job) }
    }

    mutating func observeAll(_ message: Message) {
        for job in 0..<ghosts.count { observe(job, message) }
    }

    /// The parent, the siblings and what a parent's end made.
    mutating func observeFamily(of job: JobNumber, _ message: Message) {
        if job < plan.jobs.count, plan.jobs[job].family < 0 { return }
        for relative in 0..<ghosts.count where relative != job { observe(relative, message) }
        for parent in 0..<plan.jobs.count
        where plan.jobs[parent].family >= 0 && ledger.rows[parent].state.isLive
            && ledger.rows[parent].childrenTotal > 0
        {
            let first = plan.jobs[parent].family
            let open = (ghosts[first].hasEverEnded ? 0 : 1) + (ghosts[first + 1].hasEverEnded ? 0 : 1)
            if ledger.rows[parent].childrenOpen != open { violate(.childMiscounted, parent) }
        }
    }

    private mutating func noteInsertion(_ job: JobNumber) {
        ghosts[job].isInserted = true
        liveJobs += 1
        let key = ledger.rows[job].key
        if key >= 0 {
            if keyOwners[key] >= 0 { violate(.keyMadeTwo, job) }
            keyOwners[key] = job
        }
    }

    private mutating func noteEndOfAttempt(_ job: JobNumber, _ message: Message) {
        switch message.operation {
        case .complete, .release, .fanOut:
            if message.job != job || message.claim != ghosts[job].claim { violate(.staleWrite, job) }
        case .reap, .takeBack:
            if now - ghosts[job].renewedAt <= timing.lease { violate(.leaseTakenEarly, job) }
            for worker in 0..<workers.count
            where workers[worker].place(ofClaim: ghosts[job].claim) >= 0 && isHealthy(worker) {
                violate(.leaseTakenFromHealthy, job)
            }
        default: violate(.leaseBroken, job)
        }
        ghosts[job].endedUnder = ghosts[job].claim
        ghosts[job].claim = 0
    }

    /// Whether a worker had no trouble of its own for as long as a lease holds.
    private func isHealthy(_ worker: Int) -> Bool {
        processes[firstWorker + worker].isAlive && workers[worker].troubledUntil + timing.lease < now
            && processes[firstWorker + worker].frozenUntil + timing.lease < now
    }

    private mutating func noteDeath(_ job: JobNumber) {
        ghosts[job].crashCount = ledger.rows[job].crashCount
        for worker in 0..<workers.count where workers[worker].owner == ghosts[job].owner && isHealthy(worker) {
            violate(.blamedTheLiving, job)
        }
    }

    private mutating func noteEnd(_ job: JobNumber) {
        let row = ledger.rows[job]
        liveJobs -= 1
        noteRecovery(job)
        ghosts[job].isEnded = true
        ghosts[job].hasEverEnded = true
        ghosts[job].endState = row.state
        ghosts[job].result = row.result
        tell("job \(job) has ended: \(row.state)")
        if row.state != .succeeded, row.result != 0 { violate(.resultWithoutSuccess, job) }
        if row.state == .succeeded, ghosts[job].isCancelWanted { violate(.resultAfterCancel, job) }
        if row.state == .dead, job < plan.jobs.count, plan.jobs[job].isRedriven, !ghosts[job].isRedriven {
            ghosts[job].isRedriven = true
            planOutside(.redrive, at: now + 1 + dice.roll(1500), job)
        }
    }

    /// A killed worker's job runs again, or has ended.
    mutating func noteRecovery(_ job: JobNumber) {
        if ghosts[job].killedAt >= 0, isLate(job) { violate(.slowRecovery, job) }
        ghosts[job].killedAt = -1
    }

    /// Only where nothing else went wrong since, and a slot is free for every job.
    private func isLate(_ job: JobNumber) -> Bool {
        now > ghosts[job].killedAt + Self.recovery && disturbedAt <= ghosts[job].killedAt
            && plan.capacity <= plan.workers * plan.slots && plan.pausedAt < 0 && plan.cap == 0
    }

    /// Once a round: whether anything has been waiting for too long.
    mutating func checkPatience() {
        for job in 0..<ghosts.count where ghosts[job].killedAt >= 0 && isLate(job) { violate(.slowRecovery, job) }
        if now <= disturbedAt + Self.patience { return }
        for job in 0..<ghosts.count where ghosts[job].isInserted && !ghosts[job].isEnded { violate(.neverEnds, job) }
    }

    mutating func checkAudit() {
        for job in 0..<ghosts.count where ghosts[job].isPromised && !ghosts[job].isInserted { violate(.lost, job) }
        for tenant in 0..<2 where ledger.audit(tenant: tenant).difference != 0 { violate(.auditDiffers, -1) }
    }
}
