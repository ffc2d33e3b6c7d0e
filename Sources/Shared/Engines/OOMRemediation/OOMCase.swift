import Contract

/// One container of one workload that ended for lack of memory, and what is to be done.
struct OOMCase: Sendable {
    enum Action: String, Sendable {
        /// Raises limit and request.
        case updateLimit = "update_memory_limit"
        /// Raises the request alone: the node ran short, not the container.
        case raiseRequest = "raise_memory_request"
        case review = "manual_review"
        /// Another autoscaler looks after memory.
        case deferred = "defer_to_autoscaler"
    }

    var key: ContainerUnit.Key
    var kind: OOMKind
    var events: [OOMEvent]
    var container: Container?
    var isInit = false
    var isGuaranteed = false
    var replicas: Int64 = 1
    /// Bytes in force.
    var limit: Int64?
    var request: Int64?
    var originalLimit: Int64?
    var used95: Double?
    var peak: Int64?
    var risingLives = 0
    var target: OOMTarget?
    var newLimit: Int64?
    var newRequest: Int64?
    var action = Action.review
    /// Codes of why a human must look, in the order found.
    var reviews: [String] = []
    var hints: [String] = []
    /// A type whose pods could use the new limit, when no node of the pool can.
    var proposedType: String?
    var confidence = 0.7
    /// USD per month; nothing when a price is missing.
    var costDelta: Double?

    /// Kills of the container by its own limit.
    var kills: Int64 { count(.containerLimit) }

    func count(_ kind: OOMKind) -> Int64 {
        events.filter { $0.kind == kind }.reduce(Int64(0)) { $0.addingClamped($1.count) }
    }

    var isAutomatic: Bool { action == .updateLimit || action == .raiseRequest }

    var patch: ResourcePatch {
        var patch = ResourcePatch(owner: key.owner, container: key.container, isInit: isInit)
        if let newLimit, newLimit != limit { patch.memoryLimit = .set(newLimit) }
        if let newRequest, newRequest != container?.requests.memory { patch.memoryRequest = .set(newRequest) }
        if isGuaranteed, let newLimit { patch.memoryRequest = .set(newLimit) }
        if let originalLimit, patch.memoryLimit != .keep {
            // The cap of the next repair counts from here.
            patch.annotations[Self.originalAnnotation(key.container)] = ResourcePatch.quantity(originalLimit)
        }
        return patch
    }

    /// The annotation on the workload that remembers the limit before the first repair.
    static func originalAnnotation(_ container: String) -> String {
        "cloudoptim.io/original-memory-limit." + container
    }
}
