package import FoundationEssentials

/// A job as its callers see it.
package struct JobRecord: Sendable {
    package let id: JobID
    package let tenant: String
    package let lane: Lane
    package let kind: String
    package let state: JobState
    package let attempt: Int
    package let acceptedAt: Date
    package let runAt: Date?
    package let startedAt: Date?
    package let finishedAt: Date?
    /// JSON text, byte for byte what the handler returned.
    package let result: String?
    /// Why it ended badly; for a job that is to run again, why the last attempt did.
    package let failure: JobFailure?
    /// JSON text {percent, message, eta_seconds}.
    package let progress: String?
    package let parent: JobID?
}
