/// What a job does, and how it is treated.
///
/// The name is stored with the job and must never change its meaning.
package struct JobKind: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let lane: Lane
    package let retryPolicy: RetryPolicy

    package init(name: String, lane: Lane, retryPolicy: RetryPolicy) {
        self.name = name
        self.lane = lane
        self.retryPolicy = retryPolicy
    }

    package var description: String { name }

    package static func == (left: JobKind, right: JobKind) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// Chooses spot instance types for a cluster.
    package static let spotOptimize = JobKind(
        name: "decision.spot_optimize",
        lane: .interactive,
        retryPolicy: .decision
    )
    /// Fetches one of the public AWS price sources into the store.
    package static let pricingFetch = JobKind(name: "pricing.fetch", lane: .batch, retryPolicy: .external)
    /// Does nothing, durably: what benchmarks and drills measure.
    package static let drill = JobKind(name: "drill.noop", lane: .batch, retryPolicy: .decision)

    package static let all: [JobKind] = [.spotOptimize, .pricingFetch, .drill]

    /// The kind of this name, when this build knows it.
    package static func named(_ name: String) -> JobKind? {
        all.first { $0.name == name }
    }
}
