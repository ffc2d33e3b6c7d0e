import Contract

/// What becomes of one container.
struct ContainerRecommendation: Sendable {
    var unit: ContainerUnit
    var current: ContainerResources
    var evidence: ContainerEvidence
    var sizing: ContainerSizing
    var vpa: VPARecommendation?
    var jvm: JVMOptions?
    var confidence: Double
    /// Resources that another autoscaler looks after: reported, never changed.
    var reportOnly: [String] = []
    var holds: [String] = []

    /// The patch, without what is only reported.
    var patch: ResourcePatch {
        var patch = ResourcePatch(owner: unit.key.owner, container: unit.key.container, isInit: unit.isInit)
        if let request = sizing.cpuRequest, !reportOnly.contains("cpu") {
            patch.cpuRequest = .set(request)
            patch.cpuLimit = sizing.cpuLimit
        }
        if let request = sizing.memoryRequest, !reportOnly.contains("memory") {
            patch.memoryRequest = .set(request)
            patch.memoryLimit = sizing.memoryLimit
        }
        return patch
    }

    /// True when there is something to carry out.
    var isActionable: Bool { holds.isEmpty && patch.obstacle == nil && !patch.resources.isEmpty }

    /// Requests given back by all replicas; negative when more is asked for.
    var freed: (millicores: Int64, bytes: Int64) {
        func freed(_ now: Int64?, _ then: Int64?) -> Int64 {
            guard let then else { return 0 }
            return (now ?? 0).subtractingClamped(then).multipliedClamped(by: unit.replicas)
        }
        return (
            freed(current.effectiveCPURequest, sizing.cpuRequest),
            freed(current.effectiveMemoryRequest, sizing.memoryRequest)
        )
    }
}

/// Sizes the containers of a cluster.
struct ContainerSizings {
    private(set) var recommendations: [ContainerRecommendation] = []
    private(set) var rejected: [Rejection] = []
    private(set) var analysed = 0

    private let request: RightsizeRequest
    private let window: UsageWindow
    private let isStale: Bool
    private let scaled: [ObjectKey: [(kind: String, resources: [String])]]

    init(_ request: RightsizeRequest, _ units: ContainerUnits, _ window: UsageWindow, isStale: Bool) {
        self.request = request
        self.window = window
        self.isStale = isStale
        scaled = Self.autoscaled(request.cluster)
        for unit in units.units {
            analysed += 1
            switch size(unit) {
            case .success(let recommendation): recommendations.append(recommendation)
            case .failure(let obstacle):
                rejected.append(Rejection(unit.key.text, obstacle.reason, detail: obstacle.detail))
            }
        }
        for ref in units.strangers {
            let name = "\(ref.namespace)/\(ref.pod)/\(ref.container)"
            rejected.append(
                Rejection(name, "not_in_cluster_state", detail: "measured, but no pod of that name was sent")
            )
        }
    }

    /// Which resources of which workload another autoscaler looks after.
    private static func autoscaled(_ cluster: ClusterState) -> [ObjectKey: [(kind: String, resources: [String])]] {
        var found: [ObjectKey: [(kind: String, resources: [String])]] = [:]
        for scaler in cluster.autoscalers {
            let resources = ["cpu", "memory"].filter { scaler.scales($0) }
            let key = ObjectKey(namespace: scaler.meta.namespace, name: scaler.target.name)
            if !resources.isEmpty { found[key, default: []].append((scaler.target.kind, resources)) }
        }
        for scaler in cluster.verticalAutoscalers where scaler.updateMode != "Off" {
            let key = ObjectKey(namespace: scaler.meta.namespace, name: scaler.target.name)
            found[key, default: []].append((scaler.target.kind, ["cpu", "memory"]))
        }
        return found
    }

    private func size(_ unit: ContainerUnit) -> Result<ContainerRecommendation, NodeObstacle> {
        let evidence = ContainerEvidence(unit, window: window, keepsVPA: request.mode == .vpa)
        if let obstacle = obstacle(unit, evidence) { return .failure(obstacle) }
        let current = unit.container.map(ContainerResources.init) ?? ContainerResources()
        let jvm = unit.container.flatMap(JVMOptions.init)
        let vpa = evidence.vpa.map { VPARecommendation($0, containersInPod: unit.containersInPod) }
        let sizing = ContainerSizing(
            evidence,
            current: current,
            circumstances: .init(
                jvm: jvm != nil,
                isBatch: request.isBatch || ["Job", "CronJob"].contains(unit.key.ownerKind),
                isGuaranteed: unit.isGuaranteed,
                killedAt: unit.memoryKills.compactMap(\.limit).max()
            ),
            vpa: vpa,
            policy: request.policy
        )
        if sizing.action == .none { return .failure(.init("properly_sized")) }
        let policy = request.policy
        var recommendation = ContainerRecommendation(
            unit: unit,
            current: current,
            evidence: evidence,
            sizing: sizing,
            vpa: vpa,
            jvm: jvm,
            confidence: policy.confidence * min(1, evidence.coverage.days / policy.fullDays) * evidence.coverage.share
        )
        recommendation.reportOnly = reportOnly(unit)
        if isStale { recommendation.holds.append("stale_metrics") }
        if unit.container == nil { recommendation.holds.append("not_in_cluster_state") }
        return .success(recommendation)
    }

    private func obstacle(_ unit: ContainerUnit, _ evidence: ContainerEvidence) -> NodeObstacle? {
        let counts = [evidence.cpuPoints, evidence.memoryPoints].filter { $0 > 0 }
        guard let fewest = counts.min() else { return .init("no_data") }
        let days = evidence.coverage.days
        guard fewest >= request.policy.leastPoints, days * 24 >= request.policy.leastHours else {
            return .insufficient(points: fewest, days: days)
        }
        return nil
    }

    private func reportOnly(_ unit: ContainerUnit) -> [String] {
        let key = ObjectKey(namespace: unit.key.namespace, name: unit.key.ownerName)
        let entries = (scaled[key] ?? []).filter { $0.kind.isEmpty || $0.kind == unit.key.ownerKind }
        return ["cpu", "memory"].filter { resource in entries.contains { $0.resources.contains(resource) } }
    }
}
