/// A worker in a checked world, with at most one job in its hands.
struct Hand: Sendable {
    enum Phase: UInt8, Sendable {
        case idle
        /// Has read an entry, not claimed yet.
        case read
        case working
        /// Has sent how the attempt ended, and waits for the answer.
        case waiting
    }

    var owner: OwnerNumber
    var phase = Phase.idle
    var job: JobNumber = -1
    var epoch = 0
    var claim = 0
    var isCancelled = false
    /// The entry to acknowledge; 0: none.
    var entry = 0
    /// What was sent last.
    var sent = Message(operation: .complete)
}

/// One state of a checked world: the very ledger and doorbell of the simulator, and the processes around them.
struct ProtocolState: Sendable {
    /// What the keeper is about to do about a loss of Redis.
    enum Repair: UInt8, Sendable {
        case none, startGeneration, setToken, unmarkOlder
    }

    var ledger: MemoryLedger
    var doorbell = MemoryDoorbell()
    var oracle: Oracle
    var hands: [Hand]
    /// On their way: carried out in any order, at any later moment, or never.
    var letters: [Message] = []
    /// Marked as rung, not rung yet; -1: nothing.
    var marked: JobNumber = -1
    var repair = Repair.none
    var lostGeneration = 0
    /// The flawed reaper's and the flawed canceller's memory.
    var expiredAsRead: JobNumber = -1
    var waitingAsRead: JobNumber = -1
    var nextOwner: OwnerNumber
    var now: Moment = 100

    var crashesLeft: Int
    var flushesLeft: Int
    var lossesLeft: Int
    var doublesLeft: Int
    var snoozesLeft: Int
    var retriesLeft: Int
    var handBacksLeft: Int
    var cancelsLeft: Int

    init(_ world: CheckedWorld) {
        ledger = MemoryLedger(capacity: world.jobs, timing: CheckedWorld.timing, flaw: world.flaw)
        ledger.maxCrashes = 2
        oracle = Oracle(capacity: world.jobs, timing: CheckedWorld.timing)
        hands = (0..<world.workers).map { Hand(owner: $0) }
        nextOwner = world.workers
        doorbell.token = ledger.generation
        crashesLeft = world.crashes
        flushesLeft = world.flushes
        lossesLeft = world.losses
        doublesLeft = world.doubles
        snoozesLeft = world.snoozes
        retriesLeft = world.retries
        handBacksLeft = world.handBacks
        cancelsLeft = world.cancels
    }

    /// Everything accepted has ended, and nobody has anything left to do.
    var isGoodEnd: Bool {
        if !letters.isEmpty { return false }
        for job in 0..<ledger.rows.count where !ledger.rows[job].state.isTerminal { return false }
        for hand in 0..<hands.count where hands[hand].phase != .idle { return false }
        return true
    }
}
