/// How much a search may do, counted: the same limit gives the same answer on every machine.
///
/// A step is one node looked at for one pod.
struct SearchSteps: Sendable {
    private(set) var used = 0
    let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func spend(_ count: Int) { used += count }
    var isExhausted: Bool { used >= limit }
    var left: Int { max(0, limit - used) }

    /// Steps an optimised build does per millisecond on one core of 2020 or later, with margin.
    private static let perMillisecond = 40_000
    /// Enough to search a small cluster thoroughly, less the larger it is: steps × pods × nodes.
    private static let thorough = 160_000_000_000
    /// About half a second.
    private static let mostThorough = 8_000_000
    /// About two and a half seconds.
    private static let most = 120_000_000

    /// From the size of the input, and less when the caller's time budget says so.
    static func limit(pods: Int, nodes: Int, _ options: PackOptions) -> Int {
        if let limit = options.stepLimit { return limit }
        let (product, overflow) = max(1, pods).multipliedReportingOverflow(by: max(1, nodes))
        let least = min(mostThorough, thorough / max(1, overflow ? thorough : product))
        let bySize = overflow || product > most ? most : min(most, max(least, product * 4))
        guard let budget = options.timeBudgetMilliseconds else { return bySize }
        return min(20 * most, max(1, min(budget, 600_000)) * perMillisecond)
    }
}
