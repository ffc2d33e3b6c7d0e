import Contract

/// What one type was judged by, whether it was recommended or not.
struct SpotJudgement: Sendable {
    struct Pool: Sendable {
        var pool: SpotPool
        /// The reason code of the rule this pool breaks; nothing when it breaks none.
        var refusal: String?
    }

    var name: String
    /// Nothing when the feed does not know the type.
    var entry: AdvisorEntry?
    /// USD per hour.
    var onDemand: Double?
    /// Best first.
    var pools: [Pool]
    /// Why the type as a whole is no candidate.
    var rejection: Rejection?
}
