/// A packing without terms laid over the nodes: which of them stay, and how many pods of each kind each should have.
struct RelaxedGoal {
    /// Nodes that have something in the packing.
    private(set) var used: Set<Int> = []
    /// By node: how many of each item.
    private(set) var contents: [Int: [Int: Int]] = [:]

    /// Each filling goes to the node of its class where the most stays as it is.
    init(_ packing: Packing, _ relaxed: RelaxedProblem, _ state: Placement, sizes: [Double]) {
        var free = relaxed.nodes
        let present = Self.present(relaxed, state)
        for pattern in packing.patterns {
            let worth = pattern.contents.map { content in
                (item: content.item, count: Int(content.count), size: Self.size(content.item, relaxed, sizes))
            }
            for _ in 0..<min(pattern.multiplicity, Int64(free[pattern.bin].count)) {
                var best: (place: Int, overlap: Double)?
                for (place, node) in free[pattern.bin].enumerated() {
                    let overlap = worth.reduce(0.0) { sum, part in
                        sum + part.size * Double(min(part.count, present[node]?[part.item] ?? 0))
                    }
                    if overlap > best?.overlap ?? -1 { best = (place, overlap) }
                }
                guard let place = best?.place else { break }
                let node = free[pattern.bin].remove(at: place)
                used.insert(node)
                for part in worth { contents[node, default: [:]][part.item] = part.count }
            }
        }
    }

    private static func size(_ item: Int, _ relaxed: RelaxedProblem, _ sizes: [Double]) -> Double {
        zip(relaxed.problem.items[item].size, sizes).reduce(0.0) { $0 + Double($1.0) * $1.1 }
    }

    private static func present(_ relaxed: RelaxedProblem, _ state: Placement) -> [Int: [Int: Int]] {
        var present: [Int: [Int: Int]] = [:]
        for (pod, item) in relaxed.itemOf.enumerated() where item >= 0 && state.nodeOf[pod] >= 0 {
            present[Int(state.nodeOf[pod]), default: [:]][item, default: 0] += 1
        }
        return present
    }
}
