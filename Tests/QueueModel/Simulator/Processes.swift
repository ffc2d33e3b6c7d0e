/// What all processes have: they die, freeze and start anew.
struct Process: Sendable {
    /// Counts starts: what a dead start had planned does not happen.
    var start = 0
    var isAlive = true
    var frozenUntil: Moment = 0
}

/// A job in a worker's hands, as the worker believes.
struct Held: Sendable {
    var job: JobNumber
    var epoch: Int
    var claim: Int
    var behaviour: Behaviour
    var isAlone: Bool
    var isCancelled = false
    /// How often its end was sent.
    var tries = 0
}

struct Worker: Sendable {
    /// New with every start.
    var owner: OwnerNumber
    var held: [Held] = []
    /// Entries read whose claims are under way.
    var claiming = 0
    /// Blocked on an empty stream.
    var isReading = false
    var isBeating = false
    var isStopping = false
    /// Since when Redis does not answer; -1: it does.
    var awaySince: Moment = -1
    /// The end of its own latest trouble: a freeze, a message of its that went wrong.
    var troubledUntil: Moment = -1

    init(owner: OwnerNumber) {
        self.owner = owner
    }

    func place(ofClaim claim: Int) -> Int {
        for index in 0..<held.count where held[index].claim == claim { return index }
        return -1
    }
}

struct SchedulerState: Sendable {
    var gate: ReapGate
    /// Which Redis it last saw; 0: none.
    var runID = 0
    /// The generation it found lost.
    var lostGeneration = 0
    /// A job it has marked as rung and not rung yet.
    var marked: JobNumber = -1
    /// The flawed reaper's list.
    var expired: JobNumber = -1
}
