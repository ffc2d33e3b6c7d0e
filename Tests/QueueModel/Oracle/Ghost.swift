/// What the simulator knows about a job beside the ledger: the truth that the protocol has to keep up with.
struct Ghost: Sendable {
    /// A caller has been told that the job is accepted.
    var isPromised = false
    var isInserted = false
    var epoch = 0
    /// The claim that holds the job now, counted over the whole world; 0: none.
    var claim = 0
    /// The process of the latest claim.
    var owner: OwnerNumber = -1
    /// The claim under which it ended.
    var endedUnder = 0
    var renewedAt: Moment = 0
    var crashCount = 0
    var progress = 0
    /// A caller has asked for its cancel while it ran.
    var isCancelWanted = false
    var isEnded = false
    var endState: Standing = .absent
    var result = 0
    var runs = 0
    /// Set when its worker was killed: when, and by when it must run again.
    var killedAt: Moment = -1
    var isRedriven = false
}
