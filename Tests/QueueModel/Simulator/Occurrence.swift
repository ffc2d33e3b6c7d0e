/// Something that has to happen in some of the worlds: a simulator in which it never does proves nothing about it.
package enum Occurrence: UInt8, Sendable, CaseIterable {
    case keyUsedAgain, lateMessage, repetitionConfirmed, staleWriteRefused, lossHeardByBeat
    case directClaim, ringReclaimed, staleRingUnmarked, newGeneration, gateClosed, recovered
    case deathCharged, ranAlone, quarantined, diedTooOften, redriven
    case cancelledWaiting, cancelWanted, cancelledAfterSuccess, cancelledOnRelease
    case handedBack, retried, snoozed, rateLimited, progressWritten, retriesExhausted
    case familyWaited, failedFast, completionJobAccepted
    case overdueWaiting, overdueAtCompletion, heldByRule, letGoByRule, stragglerLifted
}

/// A set of occurrences, as bits: noted in the middle of the simulator's work.
package struct Occurrences: Sendable {
    private var bits: UInt64 = 0

    package init() {}

    mutating func note(_ occurrence: Occurrence) { bits |= 1 << UInt64(occurrence.rawValue) }
    package mutating func add(_ others: Occurrences) { bits |= others.bits }
    package func contains(_ occurrence: Occurrence) -> Bool { bits & (1 << UInt64(occurrence.rawValue)) != 0 }
}
