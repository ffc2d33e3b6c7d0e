/// What a process does next.
enum Step: UInt8, Sendable {
    // A caller, through an API process
    case accept, acceptSlowly, insertUnchecked, ring, cancel, cancelAsRead, redrive
    // An operator
    case pause, resume
    // A worker
    case read, claim, acknowledge, finish, report, beat, handBack
    // A scheduler
    case round
    // The world
    case fault, heal, late, restart
}

struct Event: Sendable {
    var step: Step
    /// The place of the process among all; -1 for the world itself.
    var process = -1
    /// The process's start this belongs to: what a dead process had planned does not happen.
    var start = 0
    var first = 0
    var second = 0
}

/// Events by time; those of one moment come in random order.
struct EventQueue: Sendable {
    /// Time, then chance: one number to compare.
    ///
    /// Few events wait at a time, so a scan beats a heap.
    private var keys: [Int] = []
    private var events: [Event] = []
    private static let chance = 1 << 16

    var isEmpty: Bool { keys.isEmpty }

    mutating func add(_ event: Event, at moment: Moment, _ dice: inout Dice) {
        keys.append(moment * Self.chance + dice.roll(Self.chance))
        events.append(event)
    }

    mutating func next() -> (moment: Moment, event: Event) {
        var first = 0
        var index = 1
        let count = keys.count
        while index < count {
            if keys[index] < keys[first] { first = index }
            index += 1
        }
        let moment = keys[first] / Self.chance
        let event = events[first]
        keys[first] = keys[count - 1]
        events[first] = events[count - 1]
        keys.removeLast()
        events.removeLast()
        return (moment, event)
    }
}
