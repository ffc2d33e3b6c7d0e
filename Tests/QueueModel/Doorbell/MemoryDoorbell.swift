/// One entry of a lane's stream, and who has read it.
package struct StreamEntry: Sendable, Equatable {
    package var sequence: Int
    package var lane: Int
    package var job: JobNumber
    /// The consumer that holds it unacknowledged; -1: unread.
    package var reader: OwnerNumber = -1
    /// When it was read, or before that, added.
    package var since: Moment
}

/// The streams in Redis, in memory: lanes, one group, its pending entries, and the generation token.
///
/// A value: a stale replica is a copy made earlier.
package struct MemoryDoorbell: Sendable, Equatable {
    /// In the order they were added; few at a time, so one array for all lanes.
    package private(set) var entries: [StreamEntry] = []
    /// The generation whose rings this Redis holds; 0: none, as after losing everything.
    package var token = 0
    /// The generation whose token is being prepared; 0: none.
    private var announced = 0
    /// Changes with every start of the server.
    package private(set) var runID = 1
    private var lastSequence = 0

    package init() {}

    package mutating func ring(_ job: JobNumber, lane: Int, now: Moment) {
        lastSequence += 1
        entries.append(StreamEntry(sequence: lastSequence, lane: lane, job: job, since: now))
    }

    package func length(lane: Int) -> Int {
        var length = 0
        for index in 0..<entries.count where entries[index].lane == lane { length += 1 }
        return length
    }

    package func holds(_ job: JobNumber) -> Bool {
        for index in 0..<entries.count where entries[index].job == job { return true }
        return false
    }

    package func hasUnread() -> Bool {
        for index in 0..<entries.count where entries[index].reader < 0 { return true }
        return false
    }

    /// Hands the oldest unread entry to a consumer: its sequence, or -1.
    package mutating func read(by reader: OwnerNumber, now: Moment) -> StreamEntry? {
        for index in 0..<entries.count where entries[index].reader < 0 {
            entries[index].reader = reader
            entries[index].since = now
            return entries[index]
        }
        return nil
    }

    /// Acknowledges and deletes in one step.
    package mutating func acknowledge(_ sequence: Int) {
        for index in 0..<entries.count where entries[index].sequence == sequence {
            entries.remove(at: index)
            return
        }
    }

    /// Rings entries again that were read and never acknowledged.
    package mutating func reclaim(idle: Int, now: Moment) -> Int {
        var again = 0
        var index = 0
        while index < entries.count {
            if entries[index].reader >= 0, now - entries[index].since >= idle {
                let entry = entries.remove(at: index)
                ring(entry.job, lane: entry.lane, now: now)
                again += 1
            } else {
                index += 1
            }
        }
        return again
    }

    /// The flawed twin of the consumers' sweep: what the dead reader held goes with it.
    package mutating func deleteConsumer(_ reader: OwnerNumber) {
        entries.removeAll { $0.reader == reader }
    }

    /// How long the oldest unread entry of a lane has waited; 0 without one.
    package func oldestUnreadAge(lane: Int, now: Moment) -> Int {
        for index in 0..<entries.count where entries[index].lane == lane && entries[index].reader < 0 {
            return now - entries[index].since
        }
        return 0
    }

    /// Notes that a generation's token will follow.
    package mutating func announce(_ generation: Int) { announced = generation }

    /// Sets the token that was announced; a Redis that has lost its data since does nothing.
    package mutating func setToken(_ generation: Int) {
        guard announced == generation else { return }
        token = generation
        announced = 0
    }

    /// FLUSHALL: everything is gone, the server runs on.
    package mutating func flush() {
        entries = []
        token = 0
        announced = 0
    }

    /// A new server process with what it had stored: everything, an older copy, or nothing.
    package mutating func restart(with stored: MemoryDoorbell) {
        let run = runID
        let sequence = lastSequence
        self = stored
        runID = run + 1
        lastSequence = max(sequence, lastSequence)
    }
}
