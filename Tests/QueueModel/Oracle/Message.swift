/// A statement or command on its way to a store.
enum Operation: UInt8, Sendable {
    // PostgreSQL
    case accept, keyCheck, insert, claim, claimDirectly, beat, complete, release, report, fanOut
    case cancel, look, cancelAsRead, redrive
    case checkGeneration, startGeneration, unmarkOlder, unmarkStale, promote, endOverdue, releaseHeld
    case reap, expired, takeBack, takeUnrung, lift
    // Redis
    case ring, read, acknowledge, reclaim, announce, setToken

    var isForRedis: Bool { rawValue >= Operation.ring.rawValue }
}

struct Message: Sendable {
    var operation: Operation
    var job: JobNumber = -1
    var epoch = 0
    var owner: OwnerNumber = -1
    /// Which claim the sender means, as only the simulator knows: what the epoch is a promise about.
    var claim = 0
    var outcome: Standing = .succeeded
    var how: Release = .handBack
    var value = 0
    var repeated = false
    /// The lane's time when the statement began; nil: when it is carried out.
    var clock: Int?

    var lease: Lease { Lease(job: job, epoch: epoch, owner: owner) }
}

/// What a process hears; `arrived` is false when it hears nothing, whatever happened.
struct Answer: Sendable {
    var arrived = false
    var isYes = false
    var value = 0
    var epoch = 0
    var beat: BeatAnswer = .lost

    static let nothing = Answer()
}
