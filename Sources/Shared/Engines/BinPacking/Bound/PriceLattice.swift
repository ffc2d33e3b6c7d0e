/// The sums that nodes can cost at all: whole nodes only, of the prices there are.
///
/// A fractional bound between two of them can be raised to the upper one.
struct PriceLattice: Sendable {
    /// Distinct prices, dearest first, with how many nodes have each.
    private let prices: [(price: Int64, count: Int64)]
    /// Combinations looked at; beyond it the bound stays as it is.
    private static let most = 200_000

    init(_ all: [Int64]) {
        var counts: [Int64: Int64] = [:]
        for price in all { counts[price, default: 0] += 1 }
        prices = counts.map { ($0.key, $0.value) }.sorted { $0.price > $1.price }
    }

    /// The least sum of at least `count` nodes that is no less than the bound; nothing when there are too many to try.
    func leastSum(atLeast bound: Int64, count: Int64) -> Int64? {
        guard let last = prices.last else { return nil }
        var best: Int64?
        var looked = 0
        // Nodes that are free add to the count and not to the sum.
        func descend(_ index: Int, _ sum: Int64, _ used: Int64) {
            looked += 1
            if looked > Self.most || sum >= best ?? .max { return }
            if index == prices.count - 1 {
                let missing = max(0, bound - sum)
                let byCost =
                    last.price > 0 ? (missing + last.price - 1) / last.price : (missing > 0 ? last.count + 1 : 0)
                let need = max(byCost, count - used)
                guard need <= last.count else { return }
                let total = sum + max(0, need) * last.price
                if total < best ?? .max { best = total }
                return
            }
            for number in 0...prices[index].count {
                let next = sum + number * prices[index].price
                descend(index + 1, next, used + number)
                if looked > Self.most || (next >= bound && used + number >= count) { break }
            }
        }
        descend(0, 0, 0)
        return looked > Self.most ? nil : best
    }
}
