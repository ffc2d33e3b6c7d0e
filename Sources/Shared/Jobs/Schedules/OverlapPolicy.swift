/// What a fire does while a job of an earlier fire of the same schedule has not ended.
package enum OverlapPolicy: String, Sendable, CaseIterable {
    /// Both run.
    case allow
    /// The new one is dropped.
    case skip
    /// The new one waits for the end of the other; further ones are dropped while one waits.
    case bufferOne = "buffer_one"
}
