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
    /// The tenant's cluster it is for; empty when it is for none.
    package let cluster: String
    package let lane: Lane
    package let kind: JobKind
    package let payloadVersion: Int
    package let payload: String
    /// 1 for the first.
    package let attempt: Int
    package let maxAttempts: Int
    package let acceptedAt: Date
    /// Until its deadline, by the ledger's clock, when it was claimed; nil without a deadline.
    package let timeLeft: Duration?
    package let requestID: String?
    package let traceparent: String?
    /// Workers that died with it in their hands.
    package let crashCount: Int
    /// What an earlier attempt left behind, JSON text.
    package let checkpoint: String?
    /// Set when it was parked for its children and is now to be finished.
    package let children: ChildCounts?
    /// JSON of the job to accept when this one ends.
    package let callback: String?

    package var id: JobID { lease.job }

    /// Whether workers died with it so often that it must run alone, in a process that may die.
    package var isSuspect: Bool { crashCount >= JobLedger.crashesToIsolate }

    package init(
        lease: Lease,
        tenant: String,
        cluster: String = "",
        lane: Lane,
        kind: JobKind,
        payloadVersion: Int = 1,
        payload: String,
        attempt: Int = 1,
        maxAttempts: Int = 1,
        acceptedAt: Date,
        timeLeft: Duration? = nil,
        requestID: String? = nil,
        traceparent: String? = nil,
        crashCount: Int = 0,
        checkpoint: String? = nil,
        children: ChildCounts? = nil,
        callback: String? = nil
    ) {
        self.lease = lease
        self.tenant = tenant
        self.cluster = cluster
        self.lane = lane
        self.kind = kind
        self.payloadVersion = payloadVersion
        self.payload = payload
        self.attempt = attempt
        self.maxAttempts = maxAttempts
        self.acceptedAt = acceptedAt
        self.timeLeft = timeLeft
        self.requestID = requestID
        self.traceparent = traceparent
        self.crashCount = crashCount
        self.checkpoint = checkpoint
        self.children = children
        self.callback = callback
    }
}

/// How the children of a job stand.
package struct ChildCounts: Sendable, Equatable {
    package let total: Int
    /// Not ended yet.
    package let open: Int
    /// Ended, but not as succeeded.
    package let failed: Int

    package init(total: Int, open: Int, failed: Int) {
        self.total = total
        self.open = open
        self.failed = failed
    }
}
