/// Branch and bound over the free pods, for few of them.
///
/// Pods come in the order of how much they exchange with those before them. What is still open costs at least what each
/// open pod must exchange with another zone than its best one, plus what the open pods cost among themselves: that was
/// solved before, from the last pod backwards, as a series of nested smaller problems.
struct PlacementExact {
    private let problem: PlacementProblem
    private let order: [Int]
    /// Position in `order` of each pod, or -1 when it stays.
    private let position: [Int]
    /// Traffic of each ordered pod with pods that stay, `position × zones + zone`.
    private let fixed: [Int64]
    /// Edges to earlier pods in the order.
    private let earlier: [[(position: Int, weight: Int64)]]
    /// The pod before it in the order with which it may be exchanged without any difference, or -1.
    private let twin: [Int]
    private let always: Int64
    private let zoneCount: Int
    private let limit: Int64

    /// Least cost of the edges among the pods from a position on, fixed traffic included.
    private var suffix: [Int64]
    private var known: Int
    private var assigned: [Int]
    private var traffic: [Int64]
    private var room: [PodDemand]
    private var counts: [Int]
    private var moved = 0
    private var best: [Int]?
    private var bestCost: Int64 = 0
    private var first = 0
    /// Steps that were not used.
    private(set) var left: Int
    private(set) var isFinished = false

    /// - Parameters:
    ///   - problem: What to place.
    ///   - cost: Only what costs less is of interest.
    ///   - steps: Branches at most.
    init(_ problem: PlacementProblem, below cost: Int64, steps: Int) {
        self.problem = problem
        limit = cost
        left = steps
        zoneCount = problem.zoneCount
        let order = Self.order(problem)
        self.order = order
        var position = [Int](repeating: -1, count: problem.pods.count)
        for (index, pod) in order.enumerated() { position[pod] = index }
        self.position = position
        var fixed = [Int64](repeating: 0, count: order.count * problem.zoneCount)
        var earlier = [[(position: Int, weight: Int64)]](repeating: [], count: order.count)
        for (index, pod) in order.enumerated() {
            for neighbour in problem.neighbours(of: pod) {
                let other = position[neighbour.pod]
                if other < 0 {
                    fixed[index * problem.zoneCount + problem.pods[neighbour.pod].zone] += neighbour.weight
                } else if other < index {
                    earlier[index].append((other, neighbour.weight))
                }
            }
        }
        self.fixed = fixed
        self.earlier = earlier
        always = problem.edges.reduce(0) { sum, edge in
            guard position[edge.first] < 0, position[edge.second] < 0 else { return sum }
            return sum + (problem.pods[edge.first].zone == problem.pods[edge.second].zone ? 0 : edge.weight)
        }
        twin = problem.maximumMoves >= order.count ? Self.twins(problem, order) : order.map { _ in -1 }
        suffix = [Int64](repeating: 0, count: order.count + 1)
        known = order.count
        assigned = [Int](repeating: -1, count: order.count)
        traffic = fixed
        var room = problem.room
        for pod in order { room[problem.pods[pod].zone] = room[problem.pods[pod].zone] + problem.pods[pod].demand }
        self.room = room
        var counts = problem.counts
        for pod in order { counts[problem.pods[pod].group * problem.zoneCount + problem.pods[pod].zone] -= 1 }
        self.counts = counts
    }

    /// No placement costs less than this.
    var lowerBound: Int64 { isFinished ? limit : always + suffix[known] }

    /// The cheapest placement below the limit, or nothing.
    mutating func run() -> [Int]? {
        for start in stride(from: order.count - 1, through: 0, by: -1) {
            first = start
            // A whole placement must beat the limit; a part of one only has to be the least.
            bestCost = start == 0 ? limit - always : .max
            best = nil
            traffic = fixed
            place(start, 0)
            guard left > 0 else { return answer }
            // Nothing below the limit: the limit is the least.
            suffix[start] = best == nil ? max(suffix[start + 1], start == 0 ? limit - always : 0) : bestCost
            known = start
        }
        isFinished = true
        return answer
    }

    private var answer: [Int]? {
        guard first == 0, let best else { return nil }
        var zones = problem.today
        for (index, pod) in order.enumerated() { zones[pod] = best[index] }
        return zones
    }

    private mutating func place(_ index: Int, _ cost: Int64) {
        guard left > 0 else { return }
        left -= 4 + order.count - index  // the bound looks at every open pod
        if index == order.count {
            if cost < bestCost, keepsLeast {
                bestCost = cost
                best = assigned
            }
            return
        }
        for zone in ranked(index) {
            let added = cost + sum(index) - traffic[index * zoneCount + zone]
            // Zones come from the cheapest on: the rest cannot be better.
            guard added < bestCost else { return }
            guard enter(index, zone) else { continue }
            if added + open(index + 1) < bestCost { place(index + 1, added) }
            leave(index, zone)
        }
    }

    private func sum(_ index: Int) -> Int64 {
        var sum: Int64 = 0
        for zone in 0..<zoneCount { sum += traffic[index * zoneCount + zone] }
        return sum
    }

    private func ranked(_ index: Int) -> [Int] {
        let pod = problem.pods[order[index]]
        // Of twins the later one never goes to an earlier zone.
        let least = twin[index] >= first ? assigned[twin[index]] : 0
        return (0..<zoneCount).filter { $0 >= least && pod.allowed.contains($0) }.sorted {
            let (one, two) = (traffic[index * zoneCount + $0], traffic[index * zoneCount + $1])
            if one != two { return one > two }
            return ($0 == pod.zone ? 0 : 1, $0) < ($1 == pod.zone ? 0 : 1, $1)
        }
    }

    /// What the pods from a position on cost at least.
    private func open(_ index: Int) -> Int64 {
        var bound = suffix[min(index, order.count)]
        for later in index..<max(index, order.count) {
            let pod = problem.pods[order[later]]
            var sum: Int64 = 0
            var most: Int64 = 0
            for zone in 0..<zoneCount {
                // Fixed traffic is part of the nested problem already.
                let value = traffic[later * zoneCount + zone] - fixed[later * zoneCount + zone]
                sum += value
                if value > most, pod.allowed.contains(zone) { most = value }
            }
            bound += sum - most
        }
        return bound
    }

    private mutating func enter(_ index: Int, _ zone: Int) -> Bool {
        let pod = problem.pods[order[index]]
        let slot = pod.group * zoneCount + zone
        let left = room[zone] - pod.demand
        let isAway = zone != pod.zone
        guard counts[slot] < problem.most[slot], left.covers(problem.floor[zone]),
            !isAway || moved < problem.maximumMoves
        else { return false }
        room[zone] = left
        counts[slot] += 1
        if isAway { moved += 1 }
        assigned[index] = zone
        shift(index, zone, by: 1)
        return true
    }

    private mutating func leave(_ index: Int, _ zone: Int) {
        let pod = problem.pods[order[index]]
        room[zone] = room[zone] + pod.demand
        counts[pod.group * zoneCount + zone] -= 1
        if zone != pod.zone { moved -= 1 }
        assigned[index] = -1
        shift(index, zone, by: -1)
    }

    private mutating func shift(_ index: Int, _ zone: Int, by sign: Int64) {
        for neighbour in problem.neighbours(of: order[index]) {
            let other = position[neighbour.pod]
            if other > index { traffic[other * zoneCount + zone] += sign * neighbour.weight }
        }
    }

    /// Whether each zone keeps the replicas it must; only a whole placement can be asked.
    private var keepsLeast: Bool {
        first > 0 || counts.indices.allSatisfy { counts[$0] >= problem.least[$0] }
    }

    // MARK: Order

    /// The heaviest pod first, then always the one that exchanges most with those taken and with those that stay.
    private static func order(_ problem: PlacementProblem) -> [Int] {
        var left = problem.free
        var pull = [Int64](repeating: 0, count: problem.pods.count)
        var total = pull
        for pod in left {
            for neighbour in problem.neighbours(of: pod) {
                total[pod] += neighbour.weight
                if problem.freeIndex[neighbour.pod] < 0 { pull[pod] += neighbour.weight }
            }
        }
        var order: [Int] = []
        while let next = left.max(by: { (pull[$0], total[$0], -$0) < (pull[$1], total[$1], -$1) }) {
            order.append(next)
            left.removeAll { $0 == next }
            for neighbour in problem.neighbours(of: next) { pull[neighbour.pod] += neighbour.weight }
        }
        return order
    }

    /// For each pod the last pod before it that is its like: same service, size and choice, same traffic with all others.
    private static func twins(_ problem: PlacementProblem, _ order: [Int]) -> [Int] {
        order.indices.map { index in
            (0..<index).last { areTwins(problem, order[$0], order[index]) } ?? -1
        }
    }

    private static func areTwins(_ problem: PlacementProblem, _ first: Int, _ second: Int) -> Bool {
        let (one, two) = (problem.pods[first], problem.pods[second])
        guard one.group == two.group, one.demand == two.demand, one.allowed == two.allowed else { return false }
        func others(_ pod: Int, but twin: Int) -> [(Int, Int64)] {
            problem.neighbours(of: pod).filter { $0.pod != twin }.map { ($0.pod, $0.weight) }.sorted { $0.0 < $1.0 }
        }
        return others(first, but: second).elementsEqual(others(second, but: first), by: ==)
    }
}
