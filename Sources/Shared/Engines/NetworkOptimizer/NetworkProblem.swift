/// The placement problem behind a map.
enum NetworkProblem {
    /// Everything that may move, with what is left to save.
    ///
    /// Edges that routing keeps `local` are no reason to move any more; `held` services must stay as they are.
    static func make(
        _ map: NetworkMap,
        _ pairs: ServicePairs,
        _ request: NetworkRequest,
        _ policy: NetworkPolicy,
        local: [Bool],
        held: Set<Int>
    ) -> PlacementProblem {
        var edges: [PlacementProblem.Edge] = []
        var weights = [Int64](repeating: 0, count: map.pods.count)
        for (number, edge) in map.edges.enumerated()
        where !local[number] && pairs.isConcerned[map.pods[edge.first].service] {
            edges.append(.init(edge.first, edge.second, edge.weight))
            weights[edge.first] += edge.weight
            weights[edge.second] += edge.weight
        }
        let free = map.pods.indices.filter { map.pods[$0].pin == nil && !held.contains(map.pods[$0].service) }
        // Beyond what can be searched the heaviest talkers move and the others stay.
        let chosen = Set(free.sorted { (-weights[$0], $0) < (-weights[$1], $1) }.prefix(policy.mostFreePods))
        let pods = map.pods.enumerated().map { position, pod in
            PlacementProblem.Pod(
                group: pod.service,
                demand: pod.demand,
                zone: pod.zone,
                allowed: chosen.contains(position) ? pod.allowed : ZoneSet(pod.zone)
            )
        }
        return PlacementProblem(
            zoneCount: map.zones.count,
            room: map.room,
            pods: pods,
            edges: edges,
            spread: map.services.map(\.spread),
            maximumMoves: request.maximumMoves ?? .max
        )
    }

    /// A number from the names and the traffic: the same content starts the search the same way.
    static func seed(_ map: NetworkMap) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        func mix(_ value: UInt64) { hash = (hash ^ value) &* 0x0000_0100_0000_01B3 }
        for pod in map.pods { for byte in pod.name.utf8 { mix(UInt64(byte)) } }
        for edge in map.edges { mix(UInt64(bitPattern: edge.weight)) }
        return hash
    }
}
