/// Traffic between zones that no placement avoids.
enum PlacementBound {
    /// Micro-gigabytes a day that cross under every placement the rules allow.
    ///
    /// Every edge belongs to one pair of services, so the pairs may be bounded one by one. Within a pair, a pod shares its
    /// zone with no more replicas of the other service than the spread lets into one zone: what it exchanges with the
    /// rest crosses. And two pods that may never share a zone always pay.
    static func lower(_ problem: PlacementProblem) -> Int64 {
        let most = groupMost(problem)
        var edges = problem.edges
        edges.sort { left, right in
            let (one, two) = (pair(left, problem), pair(right, problem))
            return one != two ? one < two : (left.first, left.second) < (right.first, right.second)
        }
        var bound: Int64 = 0
        var index = 0
        while index < edges.count {
            let key = pair(edges[index], problem)
            var end = index
            while end < edges.count, pair(edges[end], problem) == key { end += 1 }
            bound += lower(edges[index..<end], key, problem, most)
            index = end
        }
        return bound
    }

    private static func pair(_ edge: PlacementProblem.Edge, _ problem: PlacementProblem) -> (Int, Int) {
        let (one, two) = (problem.pods[edge.first].group, problem.pods[edge.second].group)
        return one <= two ? (one, two) : (two, one)
    }

    /// The most replicas of each group in any one zone.
    private static func groupMost(_ problem: PlacementProblem) -> [Int] {
        let groups = problem.most.count / max(1, problem.zoneCount)
        return (0..<groups).map { group in
            (0..<problem.zoneCount).map { problem.most[group * problem.zoneCount + $0] }.max() ?? .max
        }
    }

    private static func lower(
        _ edges: ArraySlice<PlacementProblem.Edge>,
        _ key: (Int, Int),
        _ problem: PlacementProblem,
        _ most: [Int]
    ) -> Int64 {
        let apart = edges.reduce(Int64(0)) { sum, edge in
            let isApart = problem.pods[edge.first].allowed.isDisjoint(with: problem.pods[edge.second].allowed)
            return sum + (isApart ? edge.weight : 0)
        }
        if key.0 == key.1 {
            // Each edge is seen from both its ends.
            return max(apart, unavoidable(edges, from: nil, cap: most[key.0] - 1, problem) / 2)
        }
        return max(
            apart,
            unavoidable(edges, from: key.0, cap: most[key.1], problem),
            unavoidable(edges, from: key.1, cap: most[key.0], problem)
        )
    }

    /// Per pod of the group, everything but its heaviest `cap` edges.
    private static func unavoidable(
        _ edges: ArraySlice<PlacementProblem.Edge>,
        from group: Int?,
        cap: Int,
        _ problem: PlacementProblem
    ) -> Int64 {
        var ends: [(pod: Int, weight: Int64)] = []
        for edge in edges {
            if group == nil || problem.pods[edge.first].group == group { ends.append((edge.first, edge.weight)) }
            if group == nil || problem.pods[edge.second].group == group { ends.append((edge.second, edge.weight)) }
        }
        ends.sort { $0.pod != $1.pod ? $0.pod < $1.pod : $0.weight > $1.weight }
        var sum: Int64 = 0
        var seen = 0
        for (index, end) in ends.enumerated() {
            seen = index > 0 && ends[index - 1].pod == end.pod ? seen + 1 : 0
            if seen >= max(0, cap) { sum += end.weight }
        }
        return sum
    }
}
