import Contract

/// Collects how containers ended from everything that was sent, each end once, within the window.
struct OOMEvents {
    private(set) var events: [OOMEvent] = []
    private(set) var rejected: [Rejection] = []
    /// Records that were read, before duplicates and old ones were set aside.
    private(set) var seen = 0

    private let request: OOMRequest
    private let index: ClusterIndex
    private let now: Int64
    private let start: Int64
    private var found: [OOMEvent] = []
    private var podsByName: [ObjectKey: Pod] = [:]
    /// When the kernel of a node ran out of memory.
    private var systemKills: [String: [Int64]] = [:]
    /// Nodes that say they are short of memory.
    private let strainedNodes: Set<String>

    init(_ request: OOMRequest, _ index: ClusterIndex, now: Timestamp) {
        self.request = request
        self.index = index
        self.now = now.milliseconds
        strainedNodes = Set(
            request.cluster.nodes.filter { $0.condition("MemoryPressure")?.status == .yes }.map(\.name)
        )
        start = now.adding(hours: -request.policy.windowHours).milliseconds
        readSystemKills()
        for pod in request.cluster.pods {
            let isFailed = pod.phase == .failed && pod.reason == "Evicted"
            if isFailed || pod.statuses.contains(where: Self.isOfInterest) { addPod(pod) }
        }
        if !request.podEvents.isEmpty || !request.cluster.events.isEmpty { indexPods() }
        for record in request.podEvents { add(record) }
        for event in request.cluster.events { add(event) }
        seen = found.count
        settle()
    }

    private mutating func indexPods() {
        podsByName.reserveCapacity(request.cluster.pods.count)
        for pod in request.cluster.pods where podsByName[pod.key] == nil { podsByName[pod.key] = pod }
    }

    private static func isOfInterest(_ status: ContainerStatus) -> Bool {
        [status.state, status.lastState].contains { state in
            guard let state, state.kind == .terminated else { return false }
            return state.isOOMKilled || state.exitCode == 137
        }
    }

    // MARK: Pods

    private mutating func addPod(_ pod: Pod) {
        let owner = ContainerUnits.owner(of: pod, index)
        if pod.phase == .failed, pod.reason == "Evicted", OOMEviction.isAboutMemory(pod.message) {
            for found in OOMEviction.containers(pod.message, of: pod) { addEviction(found, pod, owner, pod.message) }
        }
        for status in pod.statuses {
            if let state = status.lastState { add(state, isCurrent: false, status, pod, owner) }
            if let state = status.state { add(state, isCurrent: true, status, pod, owner) }
        }
    }

    private mutating func add(
        _ state: ContainerStatus.State,
        isCurrent: Bool,
        _ status: ContainerStatus,
        _ pod: Pod,
        _ owner: OwnerIdentity
    ) {
        guard state.kind == .terminated, state.isOOMKilled || state.exitCode == 137 else { return }
        let container = pod.container(named: status.name)
        var event = OOMEvent(unit: key(owner, status.name), kind: .unknown137, source: .podStatus)
        event.podUID = pod.meta.uid
        event.pod = pod.name
        event.node = pod.nodeName
        event.restartCount = isCurrent ? status.restartCount : max(0, status.restartCount.subtractingClamped(1))
        event.finishedAt = state.finishedAt
        event.isCurrent = isCurrent
        event.isInit = status.isInit
        event.exitCode = state.exitCode
        event.limit = container?.limits.memory
        event.request = container.flatMap { $0.requests.memory ?? $0.limits.memory }
        // An evicted pod's containers end with 137 as well: the eviction tells more.
        if state.isOOMKilled {
            event.kind = kind(event)
        } else if pod.reason == "Evicted" {
            return
        }
        found.append(event)
    }

    /// Who is to blame for a kill.
    ///
    /// Without a limit, at the moment the whole node ran out, or with the node under pressure and the container below its
    /// limit, it is the node. Samples miss the last moments of a container: use below the limit alone proves nothing,
    /// unless a caller states a peak of less than half.
    private func kind(_ event: OOMEvent) -> OOMKind {
        if let node = event.node, let at = event.finishedAt?.milliseconds,
            systemKills[node]?.contains(where: { abs($0.subtractingClamped(at)) <= request.policy.sameMoment }) == true
        {
            return .systemOOM
        }
        guard let limit = event.limit, limit > 0 else { return .nodePressure }
        if let peak = event.peak, peak < limit / 2 { return .nodePressure }
        guard let node = event.node, strainedNodes.contains(node), let used = event.peak ?? measuredPeak(event) else {
            return .containerLimit
        }
        return used < limit ? .nodePressure : .containerLimit
    }

    private func measuredPeak(_ event: OOMEvent) -> Int64? {
        let ref = ContainerRef(namespace: event.unit.namespace, pod: event.pod, container: event.unit.container)
        let peak = request.usage.containers[ref]?.memory.points.map(\.value).max()
        return peak.map { $0 < 9e18 ? Int64($0) : .max }
    }

    private mutating func addEviction(
        _ evicted: OOMEviction,
        _ pod: Pod,
        _ owner: OwnerIdentity,
        _ message: String
    ) {
        var event = OOMEvent(unit: key(owner, evicted.container), kind: .evicted, source: .podStatus)
        event.podUID = pod.meta.uid
        event.pod = pod.name
        event.node = pod.nodeName
        let container = pod.container(named: evicted.container)
        event.limit = container?.limits.memory
        event.request = container.flatMap { $0.requests.memory ?? $0.limits.memory }
        event.peak = evicted.used
        event.finishedAt =
            pod.statuses.compactMap { $0.state?.finishedAt }.max()
            ?? pod.condition("DisruptionTarget")?.lastTransition
        found.append(event)
    }

    private func key(_ owner: OwnerIdentity, _ container: String) -> ContainerUnit.Key {
        ContainerUnit.Key(
            namespace: owner.namespace,
            ownerKind: owner.kind,
            ownerName: owner.name,
            container: container
        )
    }

    // MARK: Records and events

    private mutating func add(_ record: OOMRecord) {
        let pod = record.pod.isEmpty ? nil : podsByName[ObjectKey(namespace: record.namespace, name: record.pod)]
        let owner = owner(of: record, pod)
        let isKill = record.reason == "OOMKilled" || record.reason == "OOMKilling"
        let isEviction = record.reason == "Evicted" && OOMEviction.isAboutMemory(record.message)
        guard isKill || isEviction || record.exitCode == 137 else { return }
        let containers = pod?.containers ?? workload(owner)?.containers ?? []
        let name = record.container.isEmpty && containers.count == 1 ? containers[0].name : record.container
        let container = containers.first { $0.name == name } ?? pod?.container(named: name)
        var event = OOMEvent(unit: key(owner, name), kind: .unknown137, source: .podEvents)
        event.podUID = record.podUID.isEmpty ? pod?.meta.uid ?? "" : record.podUID
        event.pod = record.pod
        event.node = pod?.nodeName
        event.restartCount = record.restartCount
        event.finishedAt = record.at
        event.exitCode = record.exitCode
        event.limit = record.limit ?? container?.limits.memory
        event.request = record.request ?? container.flatMap { $0.requests.memory ?? $0.limits.memory }
        event.peak = record.peak
        event.originalLimit = record.originalLimit
        event.count = record.count
        if isKill {
            // A record that leaves the limit out does not say that there is none.
            event.kind = event.limit == nil && container == nil ? .containerLimit : kind(event)
        } else if isEviction {
            event.kind = .evicted
        }
        found.append(event)
    }

    private func owner(of record: OOMRecord, _ pod: Pod?) -> OwnerIdentity {
        if let pod { return ContainerUnits.owner(of: pod, index) }
        if record.owner.isEmpty { return OwnerIdentity(kind: "Pod", namespace: record.namespace, name: record.pod) }
        let kinds = record.ownerKind.isEmpty ? ["Deployment", "StatefulSet", "DaemonSet"] : [record.ownerKind]
        let key = ObjectKey(namespace: record.namespace, name: record.owner)
        let known = kinds.first { index.workload(kind: $0, key) != nil }
        return OwnerIdentity(kind: known ?? kinds[0], namespace: record.namespace, name: record.owner)
    }

    private func workload(_ owner: OwnerIdentity) -> Workload? {
        index.workload(kind: owner.kind, ObjectKey(namespace: owner.namespace, name: owner.name))
    }

    private mutating func readSystemKills() {
        for event in request.cluster.events {
            guard event.involved.kind == "Node", event.reason == "SystemOOM",
                let at = (event.lastSeen ?? event.firstSeen)?.milliseconds
            else { continue }
            systemKills[event.involved.name, default: []].append(at)
        }
    }

    private mutating func add(_ event: KubernetesEvent) {
        if event.involved.kind == "Node" {
            let isSystem = event.reason == "SystemOOM"
            guard isSystem || event.reason == "OOMKilling" else { return }
            let reason = isSystem ? "node_out_of_memory" : "kernel_message_names_no_container"
            rejected.append(Rejection("Node/\(event.involved.name)", reason, detail: String(event.message.prefix(200))))
            return
        }
        guard event.involved.kind == "Pod" else { return }
        var record = OOMRecord()
        record.namespace = event.involved.namespace.isEmpty ? event.meta.namespace : event.involved.namespace
        record.pod = event.involved.name
        record.podUID = event.involved.uid
        record.reason = event.reason
        record.message = event.message
        record.at = event.lastSeen ?? event.firstSeen
        record.count = max(1, event.count)
        if event.reason == "Evicted", OOMEviction.isAboutMemory(event.message) {
            addEviction(record)
        } else if event.reason == "OOMKilled" || event.reason == "OOMKilling" {
            record.container = Self.container(event.involved.fieldPath)
            add(record)
        }
    }

    /// `spec.containers{web}`.
    private static func container(_ path: String) -> String {
        guard let open = path.firstIndex(of: "{"), path.hasSuffix("}") else { return "" }
        return String(path[path.index(after: open)...].dropLast())
    }

    private mutating func addEviction(_ record: OOMRecord) {
        let pod = podsByName[ObjectKey(namespace: record.namespace, name: record.pod)]
        // The pod's own status has told it already.
        if let pod, pod.phase == .failed, pod.reason == "Evicted" { return }
        for evicted in OOMEviction.containers(record.message, of: pod) {
            var one = record
            one.container = evicted.container
            one.peak = evicted.used
            add(one)
        }
    }

    // MARK: Once and in time

    private mutating func settle() {
        var kept: [OOMEvent.Identity: OOMEvent] = [:]
        var unnamed: [OOMEvent] = []
        for event in found {
            guard isTimely(event) else { continue }
            guard let identity = event.identity else {
                unnamed.append(event)
                continue
            }
            kept[identity] = kept[identity].map { Self.merged($0, event) } ?? event
        }
        events = (kept.values + unnamed).sorted(by: Self.precedes)
    }

    private mutating func isTimely(_ event: OOMEvent) -> Bool {
        guard let at = event.finishedAt?.milliseconds else { return true }
        if at > now.addingClamped(UsageWindow.tolerance) {
            rejected.append(Rejection(event.unit.text, "stamp_in_the_future", detail: event.finishedAt?.description))
            return false
        }
        // A container that is still down needs help however long ago that was.
        if at < start, !(event.isCurrent && event.kind != .unknown137) {
            rejected.append(Rejection(event.unit.text, "outside_window", detail: event.finishedAt?.description))
            return false
        }
        return true
    }

    /// Two tellings of one end: what either knows, and the worse of what both know.
    private static func merged(_ left: OOMEvent, _ right: OOMEvent) -> OOMEvent {
        var (first, second) = precedes(left, right) ? (left, right) : (right, left)
        if first.kind == .unknown137, second.kind != .unknown137 { swap(&first, &second) }
        func larger(_ left: Int64?, _ right: Int64?) -> Int64? { left.map { max($0, right ?? $0) } ?? right }
        first.limit = larger(first.limit, second.limit)
        first.request = larger(first.request, second.request)
        first.peak = larger(first.peak, second.peak)
        first.originalLimit = first.originalLimit.map { min($0, second.originalLimit ?? $0) } ?? second.originalLimit
        first.count = max(first.count, second.count)
        first.isCurrent = first.isCurrent || second.isCurrent
        first.podUID = max(first.podUID, second.podUID)
        first.restartCount = larger(first.restartCount, second.restartCount)
        first.finishedAt = first.finishedAt ?? second.finishedAt
        first.node = first.node ?? second.node
        return first
    }

    private static func precedes(_ left: OOMEvent, _ right: OOMEvent) -> Bool {
        if left.unit != right.unit { return left.unit < right.unit }
        let times = (left.finishedAt?.milliseconds ?? .min, right.finishedAt?.milliseconds ?? .min)
        if times.0 != times.1 { return times.0 < times.1 }
        if left.pod != right.pod { return left.pod < right.pod }
        if left.kind != right.kind { return left.kind < right.kind }
        if left.source != right.source { return left.source < right.source }
        let sizes = ([left.limit, left.request, left.peak], [right.limit, right.request, right.peak])
        return sizes.0.map { $0 ?? -1 }.lexicographicallyPrecedes(sizes.1.map { $0 ?? -1 })
    }
}
