/// Where a job stands.
///
/// The raw values are the ledger's and the API's words.
package enum JobState: String, Sendable, CaseIterable {
    case scheduled, queued, running, retrying
    case succeeded, failed, cancelled, dead

    /// Whether the job has ended: its row stands in `job_result` and never changes again.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .cancelled, .dead: true
        case .scheduled, .queued, .running, .retrying: false
        }
    }
}
