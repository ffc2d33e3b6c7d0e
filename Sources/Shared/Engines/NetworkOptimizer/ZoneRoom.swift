import Contract

/// What zones have left for pods, and what a pod takes.
enum ZoneRoom {
    private static let bytesPerMiB: Int64 = 1 << 20

    /// The room left in each zone of the map, and the zones nobody told us the size of.
    static func left(
        _ request: NetworkRequest,
        _ map: NetworkMap,
        _ nodes: [(node: Node, zone: Int)]
    ) -> (room: [PodDemand], unknown: [String]) {
        var total = [PodDemand?](repeating: nil, count: map.zones.count)
        for (node, zone) in nodes where node.usable.cpu > 0 || node.usable.memory > 0 {
            total[zone] = (total[zone] ?? PodDemand()) + capacity(of: node)
        }
        for (name, amount) in request.capacity {
            if let zone = map.zones.firstIndex(of: name) { total[zone] = amount }
        }
        let zoneOfNode = Dictionary(nodes.map { ($0.node.name, $0.zone) }) { first, _ in first }
        let site = PodSite(request.cluster)
        let index = ClusterIndex(request.cluster)
        for pod in request.cluster.pods where !pod.isTerminal {
            var zone = pod.nodeName.flatMap { zoneOfNode[$0] }
            // Without nodes the pods say themselves where they run.
            if nodes.isEmpty { zone = site.zone(of: pod).flatMap { map.zones.firstIndex(of: $0) } }
            guard let zone, let room = total[zone] else { continue }
            let service = ServiceName.of(pod, index).name
            total[zone] = room - demand(of: pod, request.services[service])
        }
        // Something runs there that could not be read: nobody knows how much room is left.
        for node in request.cluster.doubtfulNodes { if let zone = zoneOfNode[node] { total[zone] = PodDemand() } }
        let unknown = map.zones.indices.filter { total[$0] == nil && map.eligible.contains($0) }.map { map.zones[$0] }
        return (total.map { $0 ?? .unlimited }, unknown)
    }

    private static func capacity(of node: Node) -> PodDemand {
        let usable = node.usable
        return PodDemand(
            millicores: usable.cpu > 0 ? usable.cpu : .max,
            mebibytes: usable.memory > 0 ? usable.memory / bytesPerMiB : .max,
            slots: usable.pods > 0 ? usable.pods : .max
        )
    }

    /// What a pod takes: its request, or what the caller says about its service's pods.
    static func demand(of pod: Pod?, _ declared: NetworkRequest.Declared?) -> PodDemand {
        let request = pod?.effectiveRequest ?? .zero
        let own = pod?.flat["cpu_milli"]?.integer ?? pod?.flat["cpu_millicores"]?.integer
        let mebibytes = request.memory / bytesPerMiB + (request.memory % bytesPerMiB == 0 ? 0 : 1)
        return PodDemand(
            millicores: max(0, request.cpu > 0 ? request.cpu : own ?? declared?.millicores ?? 0),
            mebibytes: max(0, request.memory > 0 ? mebibytes : declared?.mebibytes ?? 0),
            slots: 1
        )
    }
}
