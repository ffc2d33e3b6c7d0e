/// Pods that talk, the zones they may run in, and what a placement must keep to.
///
/// Weights are whole micro-gigabytes a day: sums of whole numbers do not depend on their order, so the answer does not
/// depend on the order of the input.
package struct PlacementProblem: Sendable {
    package struct Pod: Sendable, Hashable {
        /// The service the pod is a replica of.
        package var group: Int
        package var demand: PodDemand
        /// Where it runs now.
        package var zone: Int
        /// Where it may run; only `zone` when it must stay.
        package var allowed: ZoneSet

        package init(group: Int, demand: PodDemand, zone: Int, allowed: ZoneSet) {
            self.group = group
            self.demand = demand
            self.zone = zone
            self.allowed = allowed
        }

        package var isFree: Bool { allowed.count > 1 }
    }

    package struct Edge: Sendable, Hashable {
        package var first: Int
        package var second: Int
        /// Micro-gigabytes a day, both directions together.
        package var weight: Int64

        package init(_ first: Int, _ second: Int, _ weight: Int64) {
            self.first = first
            self.second = second
            self.weight = weight
        }
    }

    /// How the replicas of one service must be spread over zones.
    package struct Spread: Sendable, Hashable {
        /// Most replicas in one zone.
        package var most: Int
        /// Fewest replicas in each zone.
        package var least: Int
        /// Replicas in each zone that are not among the pods here.
        package var elsewhere: [Int: Int]

        package init(most: Int = .max, least: Int = 0, elsewhere: [Int: Int] = [:]) {
            self.most = most
            self.least = least
            self.elsewhere = elsewhere
        }
    }

    package let zoneCount: Int
    package let pods: [Pod]
    package let edges: [Edge]
    package let maximumMoves: Int
    /// What each zone has left now.
    let room: [PodDemand]
    /// What each zone must have left at least: zero, or what it lacks already.
    let floor: [PodDemand]
    /// Replicas now, per group and zone.
    let counts: [Int]
    /// Most and fewest replicas, per group and zone.
    let most: [Int]
    let least: [Int]
    /// The pods that may move, and the position of each pod among them, or -1.
    let free: [Int]
    let freeIndex: [Int]
    private let start: [Int]
    private let neighbours: [(pod: Int, weight: Int64)]

    /// - Parameters:
    ///   - zoneCount: At most ``ZoneSet/most``.
    ///   - room: What each zone has left now, beside everything that runs there; may be negative.
    ///   - pods: In a fixed order; every tie is broken by it.
    ///   - edges: Each pair once.
    ///   - spread: One per group.
    ///   - maximumMoves: Most pods that may end elsewhere than today.
    package init(
        zoneCount: Int,
        room: [PodDemand],
        pods: [Pod],
        edges: [Edge],
        spread: [Spread],
        maximumMoves: Int = .max
    ) {
        self.zoneCount = zoneCount
        self.room = room
        self.edges = edges
        self.maximumMoves = maximumMoves
        floor = room.map(\.belowZero)
        var counts = [Int](repeating: 0, count: spread.count * zoneCount)
        for (group, rule) in spread.enumerated() {
            for (zone, count) in rule.elsewhere { counts[group * zoneCount + zone] += count }
        }
        for pod in pods { counts[pod.group * zoneCount + pod.zone] += 1 }
        self.counts = counts
        // What is broken already may stay as it is, and gets no worse.
        most = counts.indices.map { max(spread[$0 / zoneCount].most, counts[$0]) }
        least = counts.indices.map { min(spread[$0 / zoneCount].least, counts[$0]) }
        let open = ZoneSet(bits: room.indices.reduce(UInt64(0)) { $0 | (room[$1].isNegative ? 0 : 1 << UInt64($1)) })
        let placed = pods.map { pod in
            var pod = pod
            var allowed = pod.allowed.intersection(open).intersection(.all(zoneCount))
            allowed.insert(pod.zone)
            pod.allowed = allowed
            return pod
        }
        self.pods = placed
        let free = placed.indices.filter { placed[$0].isFree }
        self.free = free
        var freeIndex = [Int](repeating: -1, count: pods.count)
        for (position, pod) in free.enumerated() { freeIndex[pod] = position }
        self.freeIndex = freeIndex
        (start, neighbours) = Self.adjacency(pods.count, edges)
    }

    private static func adjacency(_ count: Int, _ edges: [Edge]) -> ([Int], [(pod: Int, weight: Int64)]) {
        var start = [Int](repeating: 0, count: count + 1)
        for edge in edges {
            start[edge.first + 1] += 1
            start[edge.second + 1] += 1
        }
        for index in 0..<count { start[index + 1] += start[index] }
        var next = start
        var neighbours = [(pod: Int, weight: Int64)](repeating: (0, 0), count: edges.count * 2)
        for edge in edges {
            neighbours[next[edge.first]] = (edge.second, edge.weight)
            neighbours[next[edge.second]] = (edge.first, edge.weight)
            next[edge.first] += 1
            next[edge.second] += 1
        }
        return (start, neighbours)
    }

    @inline(__always)
    func neighbours(of pod: Int) -> ArraySlice<(pod: Int, weight: Int64)> { neighbours[start[pod]..<start[pod + 1]] }

    func degree(_ pod: Int) -> Int { start[pod + 1] - start[pod] }

    /// The weight between two pods; 0 when they do not talk.
    func weight(_ first: Int, _ second: Int) -> Int64 {
        let (few, other) = degree(first) <= degree(second) ? (first, second) : (second, first)
        for neighbour in neighbours(of: few) where neighbour.pod == other { return neighbour.weight }
        return 0
    }

    /// Where every pod runs today.
    package var today: [Int] { pods.map(\.zone) }

    /// Micro-gigabytes a day that cross zones under a placement.
    package func crossing(_ zones: [Int]) -> Int64 {
        edges.reduce(0) { $0 + (zones[$1.first] == zones[$1.second] ? 0 : $1.weight) }
    }
}
