import Engines
import OracleSupport

/// Small random packing problems of every kind.
enum RandomPackings {
    static func problem(_ random: inout SeededGenerator, items most: Int, kinds: Int = 3) -> PackingProblem {
        let axes = Int.random(in: 1...3, using: &random)
        let side = Int64.random(in: 6...30, using: &random)
        var left = Int.random(in: 1...most, using: &random)
        var items: [PackingProblem.ItemClass] = []
        while left > 0 {
            let count = Int.random(in: 1...min(left, 3), using: &random)
            left -= count
            let largest = Bool.random(using: &random) ? side : side / 2
            items.append(
                .init(
                    size: (0..<axes).map { _ in Int64.random(in: 0...largest, using: &random) },
                    count: Int64(count)
                )
            )
        }
        return PackingProblem(items: items, bins: bins(&random, axes, side, items.count, kinds))
    }

    private static func bins(
        _ random: inout SeededGenerator,
        _ axes: Int,
        _ side: Int64,
        _ items: Int,
        _ kinds: Int
    ) -> [PackingProblem.BinClass] {
        let count = Int.random(in: 1...kinds, using: &random)
        guard count > 1 else { return [.init(capacity: Array(repeating: side, count: axes))] }
        let isLimited = Bool.random(using: &random)
        let isChoosy = Int.random(in: 0..<3, using: &random) == 0
        return (0..<count).map { _ in
            let share = Int64.random(in: 5...12, using: &random)
            let compatible = (0..<items).filter { _ in Int.random(in: 0..<5, using: &random) > 0 }
            return .init(
                capacity: (0..<axes).map { _ in side * share / 10 },
                cost: Int64.random(in: 0...12, using: &random) * share,
                available: isLimited ? Int64.random(in: 1...3, using: &random) : nil,
                compatible: isChoosy ? ClassSet(compatible) : nil
            )
        }
    }

    /// The same problem with its lists in another order.
    static func permuted(_ problem: PackingProblem, _ random: inout SeededGenerator) -> PackingProblem {
        let order = problem.items.indices.shuffled(using: &random)
        let bins = problem.bins.shuffled(using: &random).map { bin -> PackingProblem.BinClass in
            var bin = bin
            if let compatible = bin.compatible {
                bin.compatible = ClassSet(order.indices.filter { compatible.contains(order[$0]) })
            }
            return bin
        }
        return PackingProblem(items: order.map { problem.items[$0] }, bins: bins)
    }

    /// A packing in words that do not depend on the order of the problem's lists.
    static func described(_ packing: Packing, _ problem: PackingProblem) -> [String] {
        func words(_ contents: [Packing.Content]) -> String {
            var counts: [[Int64]: Int64] = [:]
            for content in contents { counts[problem.items[content.item].size, default: 0] += content.count }
            return counts.map { "\($1) of \($0)" }.sorted().joined(separator: ", ")
        }
        var bins: [String: Int64] = [:]
        for pattern in packing.patterns {
            let bin = problem.bins[pattern.bin]
            bins["\(bin.capacity) at \(bin.cost): \(words(pattern.contents))", default: 0] += pattern.multiplicity
        }
        let patterns = bins.map { "\($1) × \($0)" }
        return patterns.sorted() + ["outside: \(words(packing.unplaced))"]
    }
}
