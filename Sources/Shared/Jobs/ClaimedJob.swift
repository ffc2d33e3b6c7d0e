package import FoundationEssentials

/// The right to work on a job: valid while the ledger shows the same epoch and owner.
package struct Lease: Hashable, Sendable {
    package let job: JobID
    /// The fencing token.
    ///
    /// Each claim raises it; whoever comes with an older one writes nothing.
    package let epoch: Int64

    package init(job: JobID, epoch: Int64) {
        self.job = job
        self.epoch = epoch
    }
}

/// A job in a worker's hands.
package struct ClaimedJob: Sendable {
    package let lease: Lease
    package let tenant: String
    package let lane: Lane
    package let kind: JobKind
    package let payloadVersion: Int
    package let payload: String
    /// 1 for the first.
    package let attempt: Int
    package let maxAttempts: Int
    package let acceptedAt: Date
    package let deadline: Date?
    package let requestID: String?
    package let traceparent: String?

    package var id: JobID { lease.job }
}
