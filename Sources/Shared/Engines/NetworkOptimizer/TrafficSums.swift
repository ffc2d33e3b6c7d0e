/// Adds rows up to one figure per pair of ends.
///
/// Both directions of a pair belong together. Where rows say which side of a network card saw the bytes, a transfer that
/// both its ends recorded counts once.
struct TrafficSums {
    struct Pair: Hashable {
        let first: Int
        let second: Int
    }

    private struct Sides {
        var plain: Int64 = 0
        /// Egress and ingress, from the first to the second and back.
        var seen: [Int64] = [0, 0, 0, 0]
        var callsFirst = false
        var callsSecond = false
    }

    private var sums: [Pair: Sides] = [:]

    /// Adds a row between the ends of those two numbers, which must differ.
    mutating func add(_ from: Int, _ to: Int, _ row: TrafficRow) {
        let isForward = from < to
        let pair = isForward ? Pair(first: from, second: to) : Pair(first: to, second: from)
        var sides = sums[pair] ?? Sides()
        if row.isCall {
            if isForward { sides.callsSecond = true } else { sides.callsFirst = true }
        }
        switch row.direction {
        case .unknown: sides.plain += row.weight
        case .egress: sides.seen[isForward ? 0 : 2] += row.weight
        case .ingress: sides.seen[isForward ? 1 : 3] += row.weight
        }
        sums[pair] = sides
    }

    /// The pairs in the order of their numbers; those without traffic are left out.
    var edges: [NetworkMap.Edge] {
        sums.compactMap { pair, sides -> NetworkMap.Edge? in
            let weight = sides.plain + max(sides.seen[0], sides.seen[1]) + max(sides.seen[2], sides.seen[3])
            guard weight > 0 else { return nil }
            var called: Int?
            if sides.callsFirst != sides.callsSecond { called = sides.callsFirst ? pair.first : pair.second }
            return NetworkMap.Edge(first: pair.first, second: pair.second, weight: weight, called: called)
        }
        .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
    }
}
