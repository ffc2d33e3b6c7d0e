import Postgres

/// A pattern with `*` for any text and `?` for one character, over the whole of a name.
package struct Wildcard: Sendable {
    private let pattern: [UInt8]

    /// Whether a text means more than itself.
    package static func isOne(_ text: String) -> Bool { text.contains("*") || text.contains("?") }

    package init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    /// Takes time in proportion to both lengths: after a mismatch only the last star is widened.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        var (p, t, star, mark) = (0, 0, -1, 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                (star, mark) = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if star >= 0 {
                mark += 1
                (p, t) = (star + 1, mark)
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "*") { p += 1 }
        return p == pattern.count
    }
}

extension PriceStore {
    /// The names that patterns stand for, among all types the catalogue knows; what is no pattern stands for itself.
    ///
    /// - Returns: Names, sorted, and the patterns that match none.
    /// - Throws: ``PricingError``, `store`.
    package func typeNames(
        matching patterns: [String]
    ) async throws(PricingError) -> (names: [String], unmatched: [String]) {
        guard patterns.contains(where: Wildcard.isOne) else { return (patterns, []) }
        let known = try await knownTypes()
        var names: Set<String> = []
        var unmatched: [String] = []
        for pattern in patterns {
            let wildcard = Wildcard(pattern)
            let matches = Wildcard.isOne(pattern) ? known.filter { wildcard.matches($0) } : [pattern]
            if matches.isEmpty { unmatched.append(pattern) }
            names.formUnion(matches)
        }
        return (names.sorted(), unmatched)
    }

    /// The regions of an order: for `all` those that anything is stored of.
    ///
    /// - Throws: ``PricingError``, `store`.
    package func regionNames(_ names: [String], all: String) async throws(PricingError) -> [String] {
        guard names == [all] else { return names }
        let rows = try await read(
            "regions",
            """
            SELECT region FROM spot_advisor_data UNION SELECT region FROM on_demand_prices
            UNION SELECT region FROM pricing_pools UNION SELECT region FROM spot_price_coverage ORDER BY 1
            """
        )
        do { return try rows.map { try $0.get(0) } } catch {
            throw PricingError(.store, "not understood", in: "regions", cause: error)
        }
    }
}
