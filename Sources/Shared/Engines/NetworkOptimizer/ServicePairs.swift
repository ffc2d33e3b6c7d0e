/// Traffic between services: what the thresholds are about.
struct ServicePairs {
    struct Pair: Sendable, Hashable {
        /// The lower number first; equal for traffic among the replicas of one service.
        var first: Int
        var second: Int
        /// Micro-gigabytes a day.
        var weight: Int64
        var isQualified: Bool
    }

    /// In the order of their services.
    let pairs: [Pair]
    /// The pair of each edge of the map.
    let pairOfEdge: [Int]
    /// Services that traffic ties to a pair above the threshold, directly or over others.
    let isConcerned: [Bool]

    /// Adds the map's edges up; a pair must exceed the threshold, in micro-gigabytes a day, to be a reason for anything.
    init(_ map: NetworkMap, threshold: Int64) {
        struct Key: Hashable {
            let first: Int
            let second: Int
        }
        func key(_ edge: NetworkMap.Edge) -> Key {
            let (one, two) = (map.pods[edge.first].service, map.pods[edge.second].service)
            return one <= two ? Key(first: one, second: two) : Key(first: two, second: one)
        }
        var weights: [Key: Int64] = [:]
        for edge in map.edges { weights[key(edge), default: 0] += edge.weight }
        pairs = weights.map {
            Pair(first: $0.key.first, second: $0.key.second, weight: $0.value, isQualified: $0.value > threshold)
        }
        .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
        let numbers = Dictionary(
            uniqueKeysWithValues: pairs.enumerated().map {
                (Key(first: $0.element.first, second: $0.element.second), $0.offset)
            }
        )
        pairOfEdge = map.edges.map { numbers[key($0)] ?? 0 }
        isConcerned = Self.concerned(pairs, map.services.count)
    }

    private static func concerned(_ pairs: [Pair], _ count: Int) -> [Bool] {
        var parent = Array(0..<count)
        func root(_ service: Int) -> Int {
            var service = service
            while parent[service] != service {
                parent[service] = parent[parent[service]]
                service = parent[service]
            }
            return service
        }
        for pair in pairs {
            let (one, two) = (root(pair.first), root(pair.second))
            parent[max(one, two)] = min(one, two)
        }
        let roots = Set(pairs.filter(\.isQualified).map { root($0.first) })
        return (0..<count).map { roots.contains(root($0)) }
    }

    /// Micro-gigabytes a day of each pair that cross zones under a placement, edges kept local by routing left out.
    func crossing(_ map: NetworkMap, _ zones: [Int], local: [Bool]) -> [Int64] {
        var sums = [Int64](repeating: 0, count: pairs.count)
        for (number, edge) in map.edges.enumerated() where !local[number] && zones[edge.first] != zones[edge.second] {
            sums[pairOfEdge[number]] += edge.weight
        }
        return sums
    }
}
