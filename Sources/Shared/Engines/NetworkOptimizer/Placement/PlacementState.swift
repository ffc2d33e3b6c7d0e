/// A placement under change, with everything kept up to date that a move's gain and permission depend on.
struct PlacementState {
    /// One pod to one zone.
    struct Move {
        var pod: Int
        var zone: Int
    }

    let problem: PlacementProblem
    private(set) var zones: [Int]
    /// Micro-gigabytes a day that cross zones.
    private(set) var cost: Int64
    /// Pods elsewhere than today.
    private(set) var moved = 0
    /// Traffic of each free pod with each zone, `free index × zones + zone`.
    private(set) var traffic: [Int64]
    private var room: [PodDemand]
    private var counts: [Int]
    private let zoneCount: Int

    init(_ problem: PlacementProblem) {
        self.problem = problem
        zoneCount = problem.zoneCount
        zones = problem.today
        cost = problem.crossing(problem.today)
        room = problem.room
        counts = problem.counts
        traffic = [Int64](repeating: 0, count: problem.free.count * problem.zoneCount)
        for (position, pod) in problem.free.enumerated() {
            for neighbour in problem.neighbours(of: pod) {
                traffic[position * zoneCount + zones[neighbour.pod]] += neighbour.weight
            }
        }
    }

    /// What a move of a free pod saves.
    @inline(__always)
    func gain(_ pod: Int, to zone: Int) -> Int64 {
        let base = problem.freeIndex[pod] * zoneCount
        return traffic[base + zone] - traffic[base + zones[pod]]
    }

    /// What two moves at once save.
    func gain(_ first: Move, _ second: Move) -> Int64 {
        let sum = gain(first.pod, to: first.zone) + gain(second.pod, to: second.zone)
        let weight = problem.weight(first.pod, second.pod)
        guard weight != 0 else { return sum }
        let (from, other) = (zones[first.pod], zones[second.pod])
        // Each gain takes the other pod where it is; what is between the two is counted anew.
        var correction = 0
        if first.zone == second.zone { correction += 1 }
        if first.zone == other { correction -= 1 }
        if second.zone == from { correction -= 1 }
        if from == other { correction += 1 }
        return sum + weight * Int64(correction)
    }

    // MARK: Permission

    func allows(_ move: Move) -> Bool {
        allowsBesideRoom(move)
            && (room[move.zone] - problem.pods[move.pod].demand).covers(problem.floor[move.zone])
    }

    /// Whether every rule but that of room allows a move.
    func allowsBesideRoom(_ move: Move) -> Bool {
        let pod = problem.pods[move.pod]
        guard pod.allowed.contains(move.zone), moved + change(move) <= problem.maximumMoves else { return false }
        let to = pod.group * zoneCount + move.zone
        let from = pod.group * zoneCount + zones[move.pod]
        return counts[to] < problem.most[to] && counts[from] > problem.least[from]
    }

    func room(in zone: Int) -> PodDemand { room[zone] }

    /// The rule that forbids a move, as a reason code; nothing when it is allowed.
    func obstacle(_ move: Move) -> String? {
        let pod = problem.pods[move.pod]
        if !pod.allowed.contains(move.zone) { return "zone_not_allowed" }
        if moved + change(move) > problem.maximumMoves { return "move_limit" }
        if counts[pod.group * zoneCount + move.zone] >= problem.most[pod.group * zoneCount + move.zone] {
            return "spread"
        }
        let from = pod.group * zoneCount + zones[move.pod]
        if counts[from] <= problem.least[from] { return "spread" }
        return (room[move.zone] - pod.demand).covers(problem.floor[move.zone]) ? nil : "no_room"
    }

    /// Whether two moves may happen together, though each alone may not.
    func allows(_ first: Move, _ second: Move) -> Bool {
        allowsBesideRoom(first, second) && fits(first.zone, first, second) && fits(second.zone, first, second)
    }

    /// Whether every rule but that of room allows two moves together.
    func allowsBesideRoom(_ first: Move, _ second: Move) -> Bool {
        let (one, two) = (problem.pods[first.pod], problem.pods[second.pod])
        guard one.allowed.contains(first.zone), two.allowed.contains(second.zone),
            moved + change(first) + change(second) <= problem.maximumMoves
        else { return false }
        return keepsSpread(one.group, first, second)
            && (one.group == two.group || keepsSpread(two.group, first, second))
    }

    private func change(_ move: Move) -> Int {
        let home = problem.pods[move.pod].zone
        return (move.zone == home ? 0 : 1) - (zones[move.pod] == home ? 0 : 1)
    }

    private func fits(_ zone: Int, _ first: Move, _ second: Move) -> Bool {
        var left = room[zone]
        for move in [first, second] {
            if move.zone == zone { left = left - problem.pods[move.pod].demand }
            if zones[move.pod] == zone { left = left + problem.pods[move.pod].demand }
        }
        return left.covers(problem.floor[zone])
    }

    private func keepsSpread(_ group: Int, _ first: Move, _ second: Move) -> Bool {
        func count(_ zone: Int) -> Int {
            var count = counts[group * zoneCount + zone]
            if problem.pods[first.pod].group == group {
                count += (first.zone == zone ? 1 : 0) - (zones[first.pod] == zone ? 1 : 0)
            }
            if problem.pods[second.pod].group == group {
                count += (second.zone == zone ? 1 : 0) - (zones[second.pod] == zone ? 1 : 0)
            }
            return count
        }
        func isKept(_ zone: Int) -> Bool {
            let (count, index) = (count(zone), group * zoneCount + zone)
            return count <= problem.most[index] && count >= problem.least[index]
        }
        return isKept(first.zone) && isKept(second.zone) && isKept(zones[first.pod]) && isKept(zones[second.pod])
    }

    // MARK: Change

    /// Moves a free pod, allowed or not, and returns where it was.
    @discardableResult
    mutating func apply(_ move: Move) -> Int {
        let pod = problem.pods[move.pod]
        let from = zones[move.pod]
        guard from != move.zone else { return from }
        cost -= gain(move.pod, to: move.zone)
        moved += change(move)
        room[from] = room[from] + pod.demand
        room[move.zone] = room[move.zone] - pod.demand
        counts[pod.group * zoneCount + from] -= 1
        counts[pod.group * zoneCount + move.zone] += 1
        zones[move.pod] = move.zone
        for neighbour in problem.neighbours(of: move.pod) {
            let position = problem.freeIndex[neighbour.pod]
            guard position >= 0 else { continue }
            traffic[position * zoneCount + from] -= neighbour.weight
            traffic[position * zoneCount + move.zone] += neighbour.weight
        }
        return from
    }
}
