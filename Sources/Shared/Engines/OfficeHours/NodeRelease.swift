import Contract

/// Nodes on which nothing is left once the workloads with hours sleep, and what they cost until then.
struct NodeRelease: Sendable {
    enum Obstacle: String, Sendable, CaseIterable {
        case notEC2 = "not_an_ec2_node"
        case controlPlane = "control_plane"
        case protected = "scale_down_disabled"
        case unreadable = "unreadable_objects"
        case empty = "no_pods_of_workloads"
        case staysBusy = "pods_stay"
    }

    struct Item: Sendable {
        var node: Node
        /// Positions of the schedules of everything on it, sorted.
        var schedules: [Int]
        var quote: InstanceTariff.Quote?
        var missing: [String] = []
        /// 0 to 1 of the month, nodes' lead excluded.
        var offFraction: Double
        /// Everything on it is to sleep now, and not to wake soon.
        var isOffNow: Bool

        /// USD per month.
        var monthly: Double { (quote?.hourly ?? 0) * InstanceTariff.hoursPerMonth * offFraction }
    }

    struct Blocked: Sendable {
        var node: String
        var obstacle: Obstacle
        var detail: String?
    }

    private(set) var items: [Item] = []
    private(set) var blocked: [Blocked] = []
    private(set) var assumesOnDemand = false

    init(
        _ request: OfficeHoursRequest,
        _ verdicts: [WorkloadVerdict],
        _ statuses: [ScheduleStatus],
        _ tariff: InstanceTariff,
        _ frame: TimeFrame
    ) {
        let index = ClusterIndex(request.cluster)
        let sleepers = Self.sleepers(request, verdicts)
        let doubtful = Set(request.cluster.doubtfulNodes)
        let allDoubtful = request.cluster.hasUnplacedUnreadablePods
        var fractions: [[Int]: Double] = [:]
        var controllers: [Controller: Int?] = [:]
        for node in request.cluster.nodes.sorted(by: { $0.name < $1.name }) {
            if let obstacle = Self.obstacle(node, isDoubtful: allDoubtful || doubtful.contains(node.name)) {
                blocked.append(Blocked(node: node.name, obstacle: obstacle))
                continue
            }
            switch Self.schedules(on: node, index, sleepers, &controllers) {
            case .failure(let found):
                blocked.append(Blocked(node: node.name, obstacle: found.obstacle, detail: found.pod))
            case .success(let schedules):
                let fraction = fractions[schedules] ?? Self.offFraction(schedules, statuses, frame)
                fractions[schedules] = fraction
                add(node, schedules, fraction, statuses, tariff, frame)
            }
        }
    }

    private struct Found: Error {
        var obstacle: Obstacle
        var pod: String?
    }

    private static func sleepers(_ request: OfficeHoursRequest, _ verdicts: [WorkloadVerdict]) -> [OwnerIdentity: Int] {
        var sleepers: [OwnerIdentity: Int] = [:]
        for verdict in verdicts where verdict.leavesNodes {
            guard let schedule = verdict.schedule else { continue }
            let workload = request.entries[verdict.entry].workload
            let owner = OwnerIdentity(
                kind: workload.kind.rawValue,
                namespace: workload.meta.namespace,
                name: workload.meta.name
            )
            sleepers[owner] = schedule
        }
        return sleepers
    }

    private static func obstacle(_ node: Node, isDoubtful: Bool) -> Obstacle? {
        if isDoubtful { return .unreadable }
        if node.isFargate || node.isHybrid { return .notEC2 }
        if node.isControlPlane { return .controlPlane }
        let marks = node.meta.annotations
        if marks["cluster-autoscaler.kubernetes.io/scale-down-disabled"]?.lowercased() == "true"
            || marks["karpenter.sh/do-not-disrupt"]?.lowercased() == "true"
        {
            return .protected
        }
        return nil
    }

    /// The schedules of everything on the node, unless something stays: a pod of anything else, and every Job's.
    private static func schedules(
        on node: Node,
        _ index: ClusterIndex,
        _ sleepers: [OwnerIdentity: Int],
        _ controllers: inout [Controller: Int?]
    ) -> Result<[Int], Found> {
        var schedules: Set<Int> = []
        var staying: String?
        for position in index.podPositions(onNode: node.name) {
            let pod = index.state.pods[position]
            if pod.isTerminal || pod.isDaemon || pod.isMirror { continue }
            guard let schedule = schedule(of: pod, index, sleepers, &controllers) else {
                staying = staying.map { min($0, pod.key.description) } ?? pod.key.description
                continue
            }
            schedules.insert(schedule)
        }
        if let staying { return .failure(Found(obstacle: .staysBusy, pod: staying)) }
        return schedules.isEmpty ? .failure(Found(obstacle: .empty)) : .success(schedules.sorted())
    }

    /// What directly makes a pod; all pods of one have the same owner in the end.
    private struct Controller: Hashable {
        var namespace: String
        var kind: String
        var name: String
        var uid: String
        /// By which the name of a Deployment is found in that of its ReplicaSet.
        var hash: String?
    }

    /// The schedule that empties the pod's place; nothing for a pod that stays.
    private static func schedule(
        of pod: Pod,
        _ index: ClusterIndex,
        _ sleepers: [OwnerIdentity: Int],
        _ controllers: inout [Controller: Int?]
    ) -> Int? {
        guard let reference = pod.meta.controller else { return nil }
        let controller = Controller(
            namespace: pod.namespace,
            kind: reference.kind,
            name: reference.name,
            uid: reference.uid,
            hash: pod.labels["pod-template-hash"]
        )
        if let known = controllers[controller] { return known }
        var found: Int?
        if let owner = index.owner(of: pod), owner.kind != "Job", owner.kind != "CronJob" {
            found = sleepers[OwnerIdentity(kind: owner.kind, namespace: owner.namespace, name: owner.name)]
        }
        controllers[controller] = .some(found)
        return found
    }

    /// The share of the month in which none of them runs.
    private static func offFraction(_ schedules: [Int], _ statuses: [ScheduleStatus], _ frame: TimeFrame) -> Double {
        let on = schedules.reduce(TimeSpans()) { $0.union(statuses[$1].onInMonth) }
        let length = frame.month.upperBound - frame.month.lowerBound
        return length > 0 ? 1 - Double(on.seconds) / Double(length) : 0
    }

    private mutating func add(
        _ node: Node,
        _ schedules: [Int],
        _ fraction: Double,
        _ statuses: [ScheduleStatus],
        _ tariff: InstanceTariff,
        _ frame: TimeFrame
    ) {
        var item = Item(node: node, schedules: schedules, offFraction: fraction, isOffNow: false)
        let type = node.instanceType ?? ""
        if tariff.covers(region: node.region, operatingSystem: node.operatingSystem ?? "linux") {
            item.quote = tariff.quote(type: type, zone: node.zone, isSpot: node.capacityType == .spot)
            assumesOnDemand = assumesOnDemand || node.capacityType == .unknown
        }
        if item.quote == nil { item.missing.append("instance:\(type.isEmpty ? "unknown" : type)") }
        item.isOffNow = schedules.allSatisfy { statuses[$0].state == .off }
        items.append(item)
    }
}
