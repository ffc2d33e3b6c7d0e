package import Contract

/// What a caller asks of the memory repair, checked.
package struct OOMRequest: Sendable, Hashable {
    package var region: String
    package var regionField: String?
    package var cluster = ClusterState()
    package var usage = UsageTable()
    /// Records in the documented shape.
    package var podEvents: [OOMRecord] = []
    /// Limits before the first repair in bytes, by `namespace/name/container`, `namespace/name` or `name`.
    package var originals: [String: Int64] = [:]
    package var policy = OOMPolicy()
    package var assumed: [String] = []
    package var itemProblems: [ItemProblem] = []
    package var explains = false

    package init(region: String) { self.region = region }
}

/// The numbers the memory repair judges by.
package struct OOMPolicy: Sendable, Hashable {
    /// The documented factor and cap.
    package var factor = 1.5
    package var most = 2.0
    /// More kills than this within the window are for a human: the document says "more than 3".
    package var toleratedKills: Int64 = 3
    package var windowHours = 24
    /// Lives that must rise in a straight line before a leak is suspected.
    package var risingLives = 2
    package var hoursPerMonth = 730.0
    /// Java needs memory beside its heap.
    package var heapShare = 0.75
    /// Kernel messages and container ends on one node within this many milliseconds belong together.
    package var sameMoment: Int64 = 60_000

    package init() {}
}

/// One record of `pod_events`.
package struct OOMRecord: Sendable, Hashable {
    package var namespace = "default"
    /// Name of the Deployment or other owner; empty when only the pod is known.
    package var owner = ""
    package var ownerKind = ""
    package var pod = ""
    package var podUID = ""
    package var container = ""
    package var reason = ""
    package var message = ""
    package var exitCode: Int64?
    package var restartCount: Int64?
    package var at: Timestamp?
    /// Bytes.
    package var limit: Int64?
    package var request: Int64?
    package var peak: Int64?
    package var originalLimit: Int64?
    package var count: Int64 = 1

    package init() {}
}
