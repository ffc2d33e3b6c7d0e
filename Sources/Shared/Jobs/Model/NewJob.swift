package import FoundationEssentials

/// What is accepted: everything the ledger must know to run the job, however often, wherever.
package struct NewJob: Sendable {
    package let id: JobID
    package let tenant: String
    /// Which of the tenant's clusters it is for; empty: none.
    ///
    /// Clusters share the tenant's part fairly.
    package var cluster = ""
    package let lane: Lane
    package let kind: JobKind
    package let payloadVersion: Int
    /// JSON text, stored byte for byte.
    package let payload: String
    /// Not before this moment; nil runs at once.
    package var runAt: Date?
    package var deadline: Date?
    package var maxAttempts: Int
    /// Relative work, for fair shares between tenants: 1 is a light decision.
    package var cost: Double = 1
    package var idempotency: IdempotencyKey?
    package var requestID: String?
    package var traceparent: String?
    package var parent: JobID?

    /// What a worker must know to run it: `kind:version`.
    package var capability: String { "\(kind.name):\(payloadVersion)" }

    package init(
        id: JobID = .make(),
        tenant: String,
        kind: JobKind,
        payload: String,
        lane: Lane? = nil,
        payloadVersion: Int? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.lane = lane ?? kind.lane
        self.kind = kind
        self.payloadVersion = payloadVersion ?? kind.payloadVersion
        self.payload = payload
        self.maxAttempts = kind.retryPolicy.maxAttempts
    }
}

extension NewJob {
    /// The job that its parent ordered for its end; nil when it ordered none, or one this build does not know.
    package init?(completionOf job: ClaimedJob) {
        guard
            let callback = job.callback,
            let order = try? JSONDecoder().decode(CompletionJob.self, from: Data(callback.utf8)),
            let kind = JobKind.named(order.kindName)
        else { return nil }
        self.init(tenant: job.tenant, kind: kind, payload: order.payload, payloadVersion: kind.payloadVersion)
        cluster = job.cluster
        requestID = job.requestID
        traceparent = job.traceparent
        parent = job.id
    }
}

/// A caller's promise that two requests with this key are one; the hash tells when they are not.
package struct IdempotencyKey: Sendable, Hashable {
    package let key: String
    /// SHA-256 of kind and payload.
    package let payloadHash: [UInt8]

    package init(key: String, payloadHash: [UInt8]) {
        self.key = key
        self.payloadHash = payloadHash
    }
}

/// The answer to an accepted job, given only after COMMIT.
package struct JobReceipt: Sendable {
    package let id: JobID
    /// Whether an earlier request with the same idempotency key had accepted it.
    package let isDuplicate: Bool
}
