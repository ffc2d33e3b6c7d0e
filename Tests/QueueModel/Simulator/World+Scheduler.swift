/// A scheduler process: keeps the streams in step with the ledger, reaps and promotes.
extension World {
    /// A round takes these in turn; where a phase changed something, anything may happen before the next.
    private enum Phase {
        static let generation = 0
        static let newGeneration = 1
        static let announce = 2
        static let unmark = 3
        static let token = 4
        static let reclaim = 5
        static let stale = 6
        static let promote = 7
        static let overdue = 8
        static let held = 9
        static let reap = 10
        static let takeBack = 11
        static let clock = 12
        static let take = 13
        static let ring = 14
        static let end = 15
    }

    mutating func stepScheduler(_ process: Int, phase first: Int) {
        if first == 0 { checkPatience() }
        var phase = first
        while phase < Phase.end {
            let next = carryOut(phase, process - firstScheduler)
            if next < 0 {
                later(.round, of: process, in: hop(), -next)
                return
            }
            phase = next
        }
        later(.round, of: process, in: timing.sweep)
    }

    /// The next phase; negative when the phase has changed something.
    private mutating func carryOut(_ phase: Int, _ scheduler: Int) -> Int {
        switch phase {
        case Phase.generation: return checkGeneration(scheduler)
        case Phase.newGeneration:
            let lost = schedulers[scheduler].lostGeneration
            let answer = call(Message(operation: .startGeneration, value: lost))
            tell("scheduler \(scheduler) starts a generation after \(lost): \(answer.isYes)")
            if !answer.isYes { return Phase.reclaim }
            return -Phase.announce
        case Phase.announce:
            let announcement = Message(operation: .announce, value: schedulers[scheduler].lostGeneration + 1)
            // Without an answer the next round begins again.
            if !call(announcement).arrived { return Phase.reclaim }
            if flaw == .tokenBeforeUnmark { _ = call(tokenMessage(scheduler)) }
            return -Phase.unmark
        case Phase.unmark:
            // Without an answer the token stays away, so that the next round begins again.
            return call(Message(operation: .unmarkOlder)).arrived ? -Phase.token : Phase.reclaim
        case Phase.token:
            _ = call(tokenMessage(scheduler))
            return -Phase.reclaim
        case Phase.reclaim: return reclaim()
        case Phase.stale: return unmarkStale()
        case Phase.promote: return changed(.promote, phase)
        case Phase.overdue: return changed(.endOverdue, phase)
        case Phase.held: return changed(.releaseHeld, phase)
        case Phase.reap: return reap(scheduler)
        case Phase.takeBack:
            _ = call(Message(operation: .takeBack, job: schedulers[scheduler].expired))
            return -Phase.clock
        case Phase.clock:
            if now < postgresBackAt || now < stalledUntil { return Phase.take }
            ledger.advanceClock(lane: Self.lane, now: now)
            return ledger.hasStragglers(lane: Self.lane) ? changed(.lift, Phase.clock) : Phase.take
        case Phase.take: return take(scheduler)
        default:
            _ = call(Message(operation: .ring, job: schedulers[scheduler].marked))
            return -Phase.take
        }
    }

    private func tokenMessage(_ scheduler: Int) -> Message {
        Message(operation: .setToken, value: schedulers[scheduler].lostGeneration + 1)
    }

    private mutating func changed(_ operation: Operation, _ phase: Int) -> Int {
        call(Message(operation: operation)).value > 0 ? -(phase + 1) : phase + 1
    }

    private mutating func checkGeneration(_ scheduler: Int) -> Int {
        if now < redisBackAt || now < postgresBackAt || now < stalledUntil { return Phase.reclaim }
        let isRestarted = schedulers[scheduler].runID != 0 && schedulers[scheduler].runID != doorbell.runID
        schedulers[scheduler].runID = doorbell.runID
        if doorbell.token == ledger.generation, !isRestarted || flaw == .ignoresRedisLoss { return Phase.reclaim }
        if flaw == .ignoresRedisLoss { return Phase.reclaim }
        schedulers[scheduler].lostGeneration = ledger.generation
        return -Phase.newGeneration
    }

    private mutating func reclaim() -> Int {
        if flaw == .acknowledgesBeforeClaim { return Phase.stale }
        if flaw == .dropsPendingEntries {
            for owner in 0..<owners where !isAnybodys(owner) { doorbell.deleteConsumer(owner) }
            return Phase.stale
        }
        return changed(.reclaim, Phase.reclaim)
    }

    private func isAnybodys(_ owner: OwnerNumber) -> Bool {
        for worker in 0..<workers.count where workers[worker].owner == owner { return true }
        return false
    }

    private mutating func unmarkStale() -> Int {
        if flaw == .acknowledgesBeforeClaim || flaw == .dropsPendingEntries || flaw == .ignoresRedisLoss {
            return Phase.promote
        }
        if now < redisBackAt { return Phase.promote }
        let age = doorbell.oldestUnreadAge(lane: Self.lane, now: now) + timing.patience
        return call(Message(operation: .unmarkStale, value: age)).value > 0 ? -Phase.promote : Phase.promote
    }

    private mutating func reap(_ scheduler: Int) -> Int {
        let isOpen = schedulers[scheduler].gate.mayReap(at: now) || flaw == .reapsWithoutGate
        if now < postgresBackAt || now < stalledUntil { return Phase.clock }
        if isOpen, flaw == .reapsWithoutEpoch {
            let found = call(Message(operation: .expired))
            schedulers[scheduler].gate.ledgerAnswered(at: now)
            schedulers[scheduler].expired = found.value
            return found.arrived && found.value >= 0 ? -Phase.takeBack : Phase.clock
        }
        if !isOpen { seen.note(.gateClosed) }
        let answer = isOpen ? call(Message(operation: .reap)) : Answer(arrived: true)
        if answer.arrived { schedulers[scheduler].gate.ledgerAnswered(at: now) }
        return answer.value > 0 ? -Phase.clock : Phase.clock
    }

    private mutating func take(_ scheduler: Int) -> Int {
        if now < redisBackAt || doorbell.entries.count >= plan.window { return Phase.end }
        if ledger.nextUnrung(lane: Self.lane) < 0 { return Phase.end }
        let answer = call(Message(operation: .takeUnrung))
        if !answer.arrived || answer.value < 0 { return Phase.end }
        schedulers[scheduler].marked = answer.value
        return -Phase.ring
    }
}
