import Contract

/// Makes the map out of a request: ends to pods, pods to services and zones, rows to pairs.
struct NetworkMapBuilder {
    private let request: NetworkRequest
    private let policy: NetworkPolicy
    private let index: ClusterIndex
    private let site: PodSite
    private var map = NetworkMap()
    private var zoneNumbers: [String: Int] = [:]
    private var pins: PodPins
    /// Pods in the order of the map, with what they belong to.
    private var names: [ServiceName] = []
    private var samples: [Pod?] = []

    static func map(of request: NetworkRequest, _ policy: NetworkPolicy) -> NetworkMap {
        var builder = NetworkMapBuilder(request, policy)
        builder.build()
        return builder.map
    }

    private init(_ request: NetworkRequest, _ policy: NetworkPolicy) {
        self.request = request
        self.policy = policy
        index = ClusterIndex(request.cluster)
        site = PodSite(request.cluster)
        pins = PodPins(request, index, nodes: [], zones: [], eligible: ZoneSet())
    }

    private mutating func build() {
        var ends = TrafficEnds(request.cluster, site)
        var usable: [(Int, Int, TrafficRow)] = []
        for row in request.rows where row.weight > 0 {
            switch ends.numbers(of: row) {
            case .success(let (first, second)): usable.append((first, second, row))
            case .failure(let error):
                map.unusedTraffic += row.weight
                map.rejected.add(Rejection(Self.pair(row.first.name, row.second.name), error.fault.rawValue))
            }
        }
        findZones(ends)
        let numbers = placePods(ends)
        if request.cluster.pods.isEmpty {
            // Pods known from the rows alone take room all the same.
            for pod in map.pods { map.room[pod.zone] = map.room[pod.zone] - pod.demand }
        }
        sumTraffic(usable, ends, numbers)
        nameServices()
        warn(ends)
    }

    static func pair(_ one: String, _ two: String) -> String { one <= two ? "\(one) <-> \(two)" : "\(two) <-> \(one)" }

    // MARK: Zones

    private mutating func findZones(_ ends: TrafficEnds) {
        let takers = request.cluster.nodes.filter(PodPins.takesPods)
        let site = self.site
        let nodeZones = Set(takers.compactMap { site.zone(ofNode: $0.name) })
        let stated = nodeZones.isEmpty ? Set(request.zones) : nodeZones
        var seen = Set(request.cluster.pods.lazy.filter { !$0.isTerminal }.compactMap { site.zone(of: $0) })
        seen.formUnion(ends.ends.compactMap(\.zone))
        let all = stated.sorted() + seen.subtracting(stated).sorted()
        map.zones = all.prefix(ZoneSet.most).sorted()
        if all.count > ZoneSet.most {
            map.warnings.append("\(all.count) zones were named; only \(ZoneSet.most) were looked at")
        }
        zoneNumbers = Dictionary(uniqueKeysWithValues: map.zones.enumerated().map { ($0.element, $0.offset) })
        // Where nobody says which zones there are, those seen are all that is known.
        for zone in stated.isEmpty ? seen : stated { if let number = zoneNumbers[zone] { map.eligible.insert(number) } }
        let numbers = zoneNumbers
        let nodes = takers.compactMap { node in
            site.zone(ofNode: node.name).flatMap { numbers[$0] }.map { (node: node, zone: $0) }
        }
        pins = PodPins(request, index, nodes: nodes, zones: map.zones, eligible: map.eligible)
        (map.room, map.unknownCapacity) = ZoneRoom.left(request, map, nodes)
        map.isOldCluster = request.cluster.nodes.contains { Self.isBefore134($0.kubeletVersion) }
    }

    private static func isBefore134(_ version: String) -> Bool {
        let parts = version.split(separator: ".").prefix(2).map { $0.filter(\.isNumber) }
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return false }
        return (major, minor) < (1, 34)
    }

    // MARK: Pods

    /// Puts every pod with traffic, and every other one that could make room, on the map in the order of names.
    ///
    /// - Returns: The pod's number on the map for each end; -1 when it has no place there.
    private mutating func placePods(_ ends: TrafficEnds) -> [Int] {
        var entries: [(key: String, end: Int?, pod: Int?)] = ends.ends.enumerated().map {
            (key: $0.element.key, end: $0.offset, pod: $0.element.pod)
        }
        let talking = Set(ends.ends.compactMap(\.pod))
        for (position, pod) in request.cluster.pods.enumerated() where !talking.contains(position) {
            let key = ObjectKey(namespace: TrafficEnds.namespace(of: pod), name: pod.name)
            entries.append((key: key.description, end: nil, pod: position))
        }
        entries.sort { ($0.key, $0.end ?? -1) < ($1.key, $1.end ?? -1) }
        var numbers = [Int](repeating: -1, count: ends.ends.count)
        for entry in entries {
            let end = entry.end.map { ends.ends[$0] }
            let pod = entry.pod.map { request.cluster.pods[$0] }
            if let pod, pod.isTerminal { continue }
            guard let zone = (pod.flatMap(site.zone(of:)) ?? end?.zone).flatMap({ zoneNumbers[$0] }) else { continue }
            if let number = entry.end { numbers[number] = map.pods.count }
            append(entry.key, pod, end, zone)
        }
        return numbers
    }

    private mutating func append(_ key: String, _ pod: Pod?, _ end: TrafficEnds.End?, _ zone: Int) {
        var service =
            pod.map { ServiceName.of($0, index) }
            ?? ServiceName.of(name: end?.name ?? key, namespace: end?.namespace ?? "")
        if let stated = end?.service, service.origin != .stated {
            service = ServiceName(namespace: service.namespace, name: stated, origin: .stated)
        }
        let verdict: (allowed: ZoneSet, pin: String?)
        if let pod {
            verdict = pins.judge(pod, name: key, service: service, zone: zone)
        } else {
            verdict = judge(key, end, service, zone)
        }
        map.pods.append(
            NetworkMap.Pod(
                name: key,
                service: 0,
                zone: zone,
                demand: ZoneRoom.demand(of: pod, request.services[service.name]),
                allowed: verdict.allowed,
                pin: verdict.pin,
                isReady: pod.map { $0.isReady || ($0.conditions.isEmpty && !$0.isTerminating) } ?? true
            )
        )
        names.append(service)
        samples.append(pod)
    }

    /// A pod known from the rows alone: it may move only where the caller sent no pods at all to check against.
    private func judge(
        _ key: String,
        _ end: TrafficEnds.End?,
        _ service: ServiceName,
        _ zone: Int
    ) -> (allowed: ZoneSet, pin: String?) {
        if !request.cluster.pods.isEmpty { return (ZoneSet(zone), "not_in_cluster") }
        if request.pinned.contains(key) || request.pinned.contains(end?.name ?? key)
            || request.pinned.contains(service.name) || request.services[service.name]?.isMovable == false
        {
            return (ZoneSet(zone), "pinned")
        }
        var allowed = map.eligible
        allowed.insert(zone)
        return allowed.count > 1 ? (allowed, nil) : (allowed, "single_zone")
    }

    // MARK: Pairs

    private mutating func sumTraffic(_ rows: [(Int, Int, TrafficRow)], _ ends: TrafficEnds, _ numbers: [Int]) {
        var sums = TrafficSums()
        for (first, second, row) in rows {
            let (one, two) = (numbers[first], numbers[second])
            if one >= 0, two >= 0 {
                sums.add(one, two, row)
                continue
            }
            map.unusedTraffic += row.weight
            let reason = [(first, one), (second, two)].contains { $0.1 < 0 && isFinished(ends.ends[$0.0]) }
            map.rejected.add(
                Rejection(
                    Self.pair(ends.ends[first].key, ends.ends[second].key),
                    reason ? "pod_finished" : "zone_unknown"
                )
            )
        }
        map.edges = sums.edges
    }

    private func isFinished(_ end: TrafficEnds.End) -> Bool {
        end.pod.map { request.cluster.pods[$0].isTerminal } ?? false
    }

    // MARK: Services

    private mutating func nameServices() {
        let sorted = Set(names).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($0.element, $0.offset) })
        let none = [Int](repeating: 0, count: map.zones.count)
        map.services = sorted.map {
            NetworkMap.Service(name: $0.name, namespace: $0.namespace, origin: .lone, pods: none, endpoints: none)
        }
        for (position, name) in names.enumerated() {
            let service = numbers[name] ?? 0
            map.pods[position].service = service
            if name.origin.rawValue < map.services[service].origin.rawValue {
                map.services[service].origin = name.origin
            }
            map.services[service].pods[map.pods[position].zone] += 1
            if map.pods[position].isReady { map.services[service].endpoints[map.pods[position].zone] += 1 }
        }
        var members = ServiceRules(request, index, map: map, samples: samples)
        members.apply(to: &map)
    }

    private mutating func warn(_ ends: TrafficEnds) {
        let moved = ends.ends.count { end in
            guard let written = end.zone, let pod = end.pod, let zone = site.zone(of: request.cluster.pods[pod]) else {
                return false
            }
            return written != zone
        }
        if moved > 0 {
            map.warnings.append(
                "\(moved) pods run in another zone than the traffic rows say: the cluster's state counts"
            )
        }
        let torn = ends.ends.count { $0.disagrees && $0.pod == nil }
        if torn > 0 { map.warnings.append("\(torn) pods are in several zones at once by the traffic rows") }
        if map.unusedTraffic > 0 {
            map.warnings.append(
                "traffic of \(JSONValue.rounded(Double(map.unusedTraffic) / 1e6, 3).text()) GB a day could not be placed"
            )
        }
    }
}
