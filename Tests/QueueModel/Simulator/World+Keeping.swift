/// What the schedulers ask of the stores, and what workers ask of the streams.
extension World {
    mutating func keep(_ message: Message, _ answer: inout Answer) {
        switch message.operation {
        case .startGeneration:
            answer.isYes = ledger.startGeneration(after: message.value)
            if answer.isYes { seen.note(.newGeneration) }
        case .unmarkOlder: answer.value = ledger.unmarkOlderGenerations()
        case .unmarkStale:
            answer.value = ledger.unmarkStale(lane: Self.lane, olderThan: message.value, now: now)
            if answer.value > 0 { seen.note(.staleRingUnmarked) }
        case .promote: answer.value = ledger.promoteDue(now: now)
        case .releaseHeld:
            answer.value = ledger.releaseHeld()
            if answer.value > 0 { seen.note(.letGoByRule) }
        case .endOverdue:
            answer.value = ledger.endOverdue(now: now)
            if answer.value > 0 {
                seen.note(.overdueWaiting)
                observeAll(message)
            }
        case .reap: reap(message, &answer)
        case .expired: answer.value = firstExpired(at: now)
        case .takeBack:
            seeIdleWorkers()
            if ledger.rows[message.job].state == .running { ledger.takeBack(message.job, now: now) }
            observe(message.job, message)
        case .takeUnrung: take(&answer)
        case .lift:
            answer.value = ledger.liftStragglers(lane: Self.lane)
            if answer.value > 0 { seen.note(.stragglerLifted) }
        case .ring:
            doorbell.ring(message.job, lane: Self.lane, now: now)
            if doorbell.entries.count > plan.window + plan.schedulers - 1 + extraRings {
                oracle.violate(.windowOverrun, message.job)
            }
            wakeReaders()
        case .read:
            guard let entry = doorbell.read(by: message.owner, now: now) else { return }
            answer.isYes = true
            answer.value = entry.job
            answer.epoch = entry.sequence
        case .acknowledge: doorbell.acknowledge(message.value)
        case .reclaim:
            answer.value = doorbell.reclaim(idle: timing.reclaimIdle, now: now)
            extraRings += answer.value
            if answer.value > 0 {
                seen.note(.ringReclaimed)
                wakeReaders()
            }
        case .announce: doorbell.announce(message.value)
        case .setToken: doorbell.setToken(message.value)
        default: break
        }
    }

    private mutating func reap(_ message: Message, _ answer: inout Answer) {
        seeIdleWorkers()
        let clock = flaw == .reapsByOwnClock ? now + 6000 : now
        let reaped = ledger.reap(now: clock)
        answer.value = reaped.requeued + reaped.ended
        if answer.value > 0 {
            tell("reaped \(answer.value)")
            observeAll(message)
        }
    }

    /// Workers without jobs beat as well; their beats are made up where they matter.
    private mutating func seeIdleWorkers() {
        for worker in 0..<workers.count
        where !workers[worker].isBeating && processes[firstWorker + worker].isAlive
            && processes[firstWorker + worker].frozenUntil <= now
        {
            ledger.see(workers[worker].owner, now: now)
        }
    }

    private func firstExpired(at moment: Moment) -> JobNumber {
        for job in 0..<oracle.ghosts.count where ledger.isExpired(job, now: moment) { return job }
        return -1
    }

    private mutating func take(_ answer: inout Answer) {
        answer.value = -1
        guard let job = ledger.takeUnrung(lane: Self.lane, limit: 1, now: now).first else { return }
        answer.value = job
        for other in 0..<oracle.ghosts.count
        where ledger.rows[other].state == .queued && ledger.rows[other].dispatchedAt < 0 && !ledger.rows[other].held
            && ledger.isScanned(other) && ledger.rows[other].vtime < ledger.rows[job].vtime
        {
            oracle.violate(.unfairRing, other)
        }
    }

    private mutating func wakeReaders() {
        for worker in 0..<workers.count where workers[worker].isReading {
            workers[worker].isReading = false
            later(.read, of: firstWorker + worker, in: hop())
        }
    }
}
