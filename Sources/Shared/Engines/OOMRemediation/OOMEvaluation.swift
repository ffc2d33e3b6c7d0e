import Contract

/// Everything found out about containers that ended for lack of memory.
struct OOMEvaluation {
    private(set) var cases: [OOMCase] = []
    private(set) var rejected: [Rejection] = []
    private(set) var missingPrices: Set<String> = []
    private(set) var recordsSeen = 0
    private(set) var systemKillsOnNodes = 0

    let request: OOMRequest
    let market: RegionMarket
    private let index: ClusterIndex
    private let bounds: OOMBounds
    private let now: Timestamp
    private let prices: InstanceTariff
    private var podsOfOwner: [OwnerIdentity: [Pod]] = [:]

    init(_ request: OOMRequest, _ market: RegionMarket, now: Timestamp) {
        self.request = request
        self.market = market
        self.now = now
        index = ClusterIndex(request.cluster)
        bounds = OOMBounds(index)
        prices = InstanceTariff(market, now: now)
        let events = OOMEvents(request, index, now: now)
        rejected = events.rejected
        recordsSeen = events.seen
        systemKillsOnNodes = events.rejected.count { $0.reason == "node_out_of_memory" }
        let groups = Dictionary(grouping: events.events, by: \.unit)
        collectPods(Set(groups.keys.map(\.namespace)))
        for (key, events) in groups.sorted(by: { $0.key < $1.key }) { judge(key, events) }
    }

    /// Only namespaces with a kill are looked at: a large cluster is otherwise well.
    private mutating func collectPods(_ namespaces: Set<String>) {
        for pod in request.cluster.pods where namespaces.contains(pod.namespace) {
            podsOfOwner[ContainerUnits.owner(of: pod, index), default: []].append(pod)
        }
    }

    private mutating func judge(_ key: ContainerUnit.Key, _ events: [OOMEvent]) {
        let kinds = Set(events.map(\.kind))
        guard kinds != [.unknown137] else {
            let detail = "exit code 137 without OOMKilled: a probe, a grace period, a preemption or a sibling's kill"
            rejected.append(Rejection(key.text, "sigkill_is_no_memory_kill", detail: detail))
            return
        }
        let kind: OOMKind =
            [.containerLimit, .systemOOM, .nodePressure, .evicted].first { kinds.contains($0) } ?? .evicted
        var item = OOMCase(key: key, kind: kind, events: events)
        describe(&item)
        if kind == .containerLimit, let limit = item.limit, let killed = Self.killedLimit(events), killed < limit {
            rejected.append(
                Rejection(key.text, "already_raised", detail: "killed at \(killed) bytes, now \(limit) bytes")
            )
            return
        }
        measure(&item)
        if kind == .containerLimit { raiseLimit(&item) } else { raiseRequest(&item) }
        review(&item)
        addCost(&item)
        cases.append(item)
    }

    private static func killedLimit(_ events: [OOMEvent]) -> Int64? {
        let limits = events.filter { $0.kind == .containerLimit && $0.source != .podEvents }.map(\.limit)
        // One kill whose limit is not known may have happened at the present one.
        return limits.contains(nil) || limits.isEmpty ? nil : limits.compactMap { $0 }.max()
    }

    // MARK: What is

    private func pods(of key: ContainerUnit.Key) -> [Pod] {
        (podsOfOwner[key.owner] ?? []).sorted { $0.key < $1.key }
    }

    private func describe(_ item: inout OOMCase) {
        let key = item.key
        let pods = pods(of: key)
        let workload = index.workload(kind: key.ownerKind, ObjectKey(namespace: key.namespace, name: key.ownerName))
        let template = (workload.map { $0.containers + $0.initContainers } ?? []).first { $0.name == key.container }
        let own = pods.compactMap { $0.container(named: key.container) }
        item.container = template ?? own.max { ($0.limits.memory ?? 0) < ($1.limits.memory ?? 0) }
        item.isInit =
            item.events.contains(where: \.isInit)
            || pods.contains { $0.initContainers.contains { $0.name == key.container } }
        item.isGuaranteed = pods.first.map { $0.derivedQoSClass == .guaranteed } ?? false
        item.replicas = max(1, workload?.replicas ?? Int64(pods.count { !$0.isTerminal }))
        item.limit = item.container?.limits.memory ?? item.events.compactMap(\.limit).max()
        item.request =
            item.container.flatMap { $0.requests.memory ?? $0.limits.memory } ?? item.events.compactMap(\.request).max()
        item.originalLimit = original(item, workload, pods)
    }

    /// The limit before the first repair: as the caller says, as the annotation says, else as it is.
    private func original(_ item: OOMCase, _ workload: Workload?, _ pods: [Pod]) -> Int64? {
        let key = item.key
        let names = [
            "\(key.namespace)/\(key.ownerName)/\(key.container)", "\(key.namespace)/\(key.ownerName)", key.ownerName,
        ]
        var known = names.compactMap { request.originals[$0] }.prefix(1) + item.events.compactMap(\.originalLimit)
        let annotation = OOMCase.originalAnnotation(key.container)
        let metas = [workload?.meta] + pods.map { $0.meta }
        known += metas.compactMap { $0?.annotations[annotation].flatMap { Quantity($0)?.units } }
        return known.filter { $0 > 0 }.min() ?? item.limit
    }

    /// Measured use of the workload's pods, where there is any.
    private func measure(_ item: inout OOMCase) {
        let clock = now.milliseconds.addingClamped(UsageWindow.tolerance)
        let window = UsageWindow(end: min(clock, request.usage.latest(upTo: clock) ?? clock))
        var evidence = ContainerEvidence()
        var peaks = item.events.compactMap(\.peak)
        for pod in pods(of: item.key) {
            let usage = usage(of: pod, item.key.container)
            let points = usage.memory.points(from: window.start, through: window.end)
            guard !points.isEmpty else { continue }
            evidence.addPod(cpu: [], memory: points)
            let kills = item.events.filter { $0.pod == pod.name }.compactMap { $0.finishedAt?.milliseconds }
            item.risingLives += OOMLeak.risingLives(points, kills: kills)
        }
        item.used95 = evidence.memory95
        if let peak = evidence.memoryPeak, peak < 9e18 { peaks.append(Int64(peak.rounded(.up))) }
        item.peak = peaks.max()
        item.confidence = item.peak == nil ? 0.7 : 0.9
    }

    private func usage(of pod: Pod, _ container: String) -> ContainerUsage {
        let names = [pod.namespace, ""].flatMap { namespace in
            (pod.containers.count == 1 ? [container, ""] : [container])
                .map { ContainerRef(namespace: namespace, pod: pod.name, container: $0) }
        }
        return names.lazy.compactMap { request.usage.containers[$0] }.first ?? ContainerUsage()
    }

    // MARK: What should be

    private func raiseLimit(_ item: inout OOMCase) {
        guard let limit = item.limit, limit > 0 else {
            item.reviews.append("limit_unknown")
            return
        }
        let target = OOMTarget(
            limit: limit,
            request: item.request,
            peak: item.peak,
            originalLimit: item.originalLimit,
            factor: request.policy.factor,
            most: request.policy.most
        )
        item.target = target
        item.newLimit = target.limit
        item.newRequest = target.request(
            current: item.container?.requests.memory ?? item.request,
            used95: item.used95,
            isGuaranteed: item.isGuaranteed
        )
        item.action = .updateLimit
        if target.isCapped { item.reviews.append("cap_reached") }
    }

    /// The node ran short: an honest request keeps the pod off full nodes, a higher limit would make it worse.
    private func raiseRequest(_ item: inout OOMCase) {
        let used = [item.used95 ?? 0, Double(item.used95 == nil ? item.peak ?? 0 : 0)].max() ?? 0
        item.newLimit = item.limit
        let present = item.request ?? 0
        var wanted = used < 9e18 ? Int64(used.rounded(.up)).roundedUp(to: .mebibyte) : Int64.max
        if let limit = item.limit, limit > 0 { wanted = min(wanted, limit) }
        if wanted > present {
            item.newRequest = wanted
            item.action = .raiseRequest
        } else {
            item.newRequest = item.request
            item.reviews.append(item.peak == nil ? "no_usage_data" : "request_covers_usage")
            item.hints.append("ask rightsize for the node: it ran short of memory while this container kept to its own")
        }
    }

    private func review(_ item: inout OOMCase) {
        let pod = pods(of: item.key).first
        if item.kills > request.policy.toleratedKills { item.reviews.append("too_many_kills") }
        if item.risingLives >= request.policy.risingLives { item.reviews.append("probable_leak") }
        let start = now.adding(hours: -request.policy.windowHours)
        if item.kind == .containerLimit,
            item.events.allSatisfy({ event in event.finishedAt.map { $0 < start } ?? false })
        {
            item.reviews.append("older_than_window")
        }
        if item.action != .review { item.reviews += bounds.objections(item) }
        if let largest = bounds.largestNode(for: pod), let limit = item.newLimit ?? item.newRequest, limit > largest {
            item.reviews.append("exceeds_largest_node")
            item.proposedType = proposedType(limit, item)
        }
        addHints(&item, pod)
        // The documented record names a Deployment and no container: the amount holds, the patch must wait for a name.
        if item.key.container.isEmpty { item.hints.append("name the container in pod_events to get a patch") }
        if !item.reviews.isEmpty { item.action = .review }
        if bounds.isAutoscaled(item.key) { item.action = .deferred }
    }

    private func addHints(_ item: inout OOMCase, _ pod: Pod?) {
        if let container = item.container, let jvm = JVMOptions(container), let limit = item.newLimit {
            if let heap = jvm.maximumHeap, Double(heap) > request.policy.heapShare * Double(limit) {
                item.hints.append("-Xmx is more than three quarters of the limit: lower it or raise the limit further")
            } else if jvm.maximumHeap == nil {
                item.hints.append(
                    "a Java process without -Xmx: set -XX:MaxRAMPercentage so that the heap fits the limit"
                )
            }
        }
        let inMemory = pod?.volumes.contains { volume in
            if case .emptyDir(inMemory: true, sizeLimit: _) = volume.source { true } else { false }
        }
        if inMemory == true { item.hints.append("files in an emptyDir of medium Memory count toward the limit") }
    }

    /// The cheapest type on which pods can use that much.
    private func proposedType(_ bytes: Int64, _ item: OOMCase) -> String? {
        let nodes = request.cluster.nodes
        let architecture = nodes.compactMap(\.architecture).min().flatMap { Architecture(rawValue: $0) } ?? .amd64
        let wanted = bytes.roundedUp(to: .mebibyte) / .mebibyte
        return market.catalogue.values
            .filter {
                $0.architecture == architecture && Int64($0.allocatableMiB) >= wanted && $0.gpuCount == 0
                    && !$0.isBareMetal && !$0.isBurstable
            }
            .compactMap { spec in prices.quote(type: spec.name, zone: nil, isSpot: false).map { ($0.hourly, spec.name) }
            }
            .min { $0 < $1 }?.1
    }

    // MARK: Cost

    /// Added GiB times what a GiB of the nodes costs.
    private mutating func addCost(_ item: inout OOMCase) {
        let limit = (item.newLimit ?? 0).subtractingClamped(item.limit ?? item.newLimit ?? 0)
        let request = (item.newRequest ?? 0).subtractingClamped(item.request ?? 0)
        let added = max(0, item.kind == .containerLimit ? limit : request)
        guard let perGiB = perGiB(item) else { return }
        item.costDelta = Double(added) / 1_073_741_824 * Double(item.replicas) * perGiB
    }

    /// USD per GiB and month of the nodes that run the workload, or of all nodes.
    private mutating func perGiB(_ item: OOMCase) -> Double? {
        let names = Set(pods(of: item.key).compactMap(\.nodeName))
        let own = index.state.nodes.filter { names.contains($0.name) }
        var hourly = 0.0
        var gibibytes = 0.0
        for node in (own.isEmpty ? index.state.nodes : own).sorted(by: { $0.name < $1.name }) {
            guard let type = node.instanceType else { continue }
            let price = prices.cautiousQuote(type: type, zone: node.zone, isSpot: node.capacityType == .spot)
            let memory =
                market.catalogue[type].map { Double($0.memoryMiB) / 1024 } ?? Double(node.capacity.memory)
                / 1_073_741_824
            guard let price, memory > 0 else {
                missingPrices.insert(type)
                continue
            }
            hourly += price.hourly
            gibibytes += memory
        }
        return gibibytes > 0 ? hourly / gibibytes * request.policy.hoursPerMonth : nil
    }
}
