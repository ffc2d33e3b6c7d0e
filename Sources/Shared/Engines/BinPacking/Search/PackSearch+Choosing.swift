/// Which nodes to close, to open and to repack in one try.
extension PackSearch {
    /// One node, often two, sometimes more.
    mutating func nodesToClose(_ alive: [Int]) -> [Int] {
        let dice = random.below(16)
        let count = min(alive.count, dice < 6 ? 1 : (dice < 12 ? 2 : (dice < 14 ? 3 : dice - 10)))
        var close: [Int] = []
        for _ in 0..<count {
            let node = pick(alive)
            if !close.contains(node) { close.append(node) }
        }
        return close.sorted()
    }

    /// Nodes that cost less together than those that close, and have the room that is missing then.
    ///
    /// - Returns: nil when no such nodes turned up.
    mutating func nodesToOpen(for close: [Int]) -> [Int]? {
        let gain = close.reduce(Int64(0)) { $0 + (model.nodes[$1].price ?? 0) }
        let closed = candidates.filter { !state.isAlive[$0] && (model.nodes[$0].price ?? 0) < gain }
        steps.spend(2 + model.nodeCount / 8)
        var missing = shortage(without: close)
        var open: [Int] = []
        var sum: Int64 = 0
        func take(_ node: Int) {
            let price = model.nodes[node].price ?? 0
            if open.contains(node) || sum + price >= gain { return }
            open.append(node)
            sum += price
            for index in missing.indices where missing[index] > 0 {
                missing[index] -= max(0, state.free[node * model.dimensions + index])
            }
        }
        if !closed.isEmpty {
            var tries = 2 * close.count + 1
            while tries > 0, missing.contains(where: { $0 > 0 }) {
                tries -= 1
                take(closed[random.below(closed.count)])
            }
            // Room enough in sum is often not enough in pieces.
            if random.below(2) == 0 { take(closed[random.below(closed.count)]) }
        }
        return missing.contains { $0 > 0 } ? nil : open.sorted()
    }

    /// What the pods of those nodes need beyond all the room that other open nodes have, by resource.
    private func shortage(without close: [Int]) -> [Int64] {
        let nodes = state.open.members.filter { !close.contains($0) }
        let pods = close.flatMap { state.podsOn[$0].map(Int.init).filter { isFree($0) } }
        return (0..<model.dimensions).map { index in
            var need = pods.reduce(Int64(0)) { $0 + model.classes[model.pods[$1].podClass].request[index] }
            for node in nodes where need > 0 { need -= max(0, state.free[node * model.dimensions + index]) }
            return need
        }
    }

    /// A node that looks easy to empty: the least loaded of three.
    private mutating func pick(_ alive: [Int]) -> Int {
        var best = alive[random.below(alive.count)]
        for _ in 0..<2 {
            let other = alive[random.below(alive.count)]
            if load(other) < load(best) { best = other }
        }
        return best
    }

    mutating func neighbours(excluding close: [Int]) -> [Int] {
        let open = state.open.members.filter { !close.contains($0) }
        guard !open.isEmpty else { return [] }
        var chosen: [Int] = []
        for _ in 0..<random.below(min(7, open.count + 1)) {
            let node = open[random.below(open.count)]
            if !chosen.contains(node) { chosen.append(node) }
        }
        return chosen.sorted()
    }
}
