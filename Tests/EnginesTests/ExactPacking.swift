import Engines

/// The cheapest packing by trying everything, for a handful of items: shares nothing with the search.
struct ExactPacking {
    private let problem: PackingProblem
    private let items: [Int]
    private var bins: [(kind: Int, room: [Int64])] = []
    private var used: [Int64]
    private(set) var best: (unplaced: Int, cost: Int64)?
    /// With everything that fits some empty bin placed; nil when that cannot be.
    private(set) var bestComplete: Int64?
    private let hopeless: Int

    init(_ problem: PackingProblem) {
        self.problem = problem
        used = problem.bins.map { _ in 0 }
        var items: [Int] = []
        var hopeless = 0
        for (index, item) in problem.items.enumerated() {
            for _ in 0..<max(0, item.count) {
                if problem.bins.indices.contains(where: { Self.fits(problem, index, $0) }) {
                    items.append(index)
                } else {
                    hopeless += 1
                }
            }
        }
        self.items = items
        self.hopeless = hopeless
        place(0, 0, hopeless)
    }

    private static func fits(_ problem: PackingProblem, _ item: Int, _ bin: Int) -> Bool {
        let kind = problem.bins[bin]
        guard (kind.available ?? 1) > 0, kind.compatible?.contains(item) ?? true else { return false }
        return zip(problem.items[item].size, kind.capacity).allSatisfy { $0 <= max(0, $1) }
    }

    private mutating func place(_ index: Int, _ cost: Int64, _ unplaced: Int) {
        if let best, (unplaced, cost) >= (best.unplaced, best.cost) { return }
        guard index < items.count else {
            // Items that give room may come last: only whole bins are judged.
            guard bins.allSatisfy({ $0.room.allSatisfy { $0 >= 0 } }) else { return }
            best = (unplaced, cost)
            if unplaced == hopeless { bestComplete = cost }
            return
        }
        let item = items[index]
        let size = problem.items[item].size
        for bin in bins.indices where Self.fits(problem, item, bins[bin].kind) {
            bins[bin].room = zip(bins[bin].room, size).map { $0 - $1 }
            place(index + 1, cost, unplaced)
            bins[bin].room = zip(bins[bin].room, size).map { $0 + $1 }
        }
        for (kind, bin) in problem.bins.enumerated()
        where used[kind] < bin.available ?? .max && Self.fits(problem, item, kind) {
            used[kind] += 1
            bins.append((kind, zip(bin.capacity, size).map { max(0, $0) - $1 }))
            place(index + 1, cost + bin.cost, unplaced)
            bins.removeLast()
            used[kind] -= 1
        }
        place(index + 1, cost, unplaced + 1)
    }
}
