import FoundationEssentials
import Pricing

/// Prices as EC2 would tell them: some thousand pools that change at odd moments, newest first, a thousand a page.
struct MadePrices {
    let pools: [SpotPool]
    let pages: [SpotPricePage]
    let until: Date
    let from: Date

    /// Prices of one region's pools, ending a minute ago.
    init(rows: Int, pools count: Int, region: String = "us-east-1", days: Double) {
        var random = Repeatable(state: 7)
        let zones = ["a", "b", "c", "d", "f"]
        let products = ["Linux/UNIX", "Windows", "Red Hat Enterprise Linux", "SUSE Linux"]
        pools = (0..<count).map { index in
            SpotPool(
                instanceType: "m\(index / 20).large",
                zone: region + zones[index % 5],
                zoneID: "use1-az\(index % 5 + 1)",
                product: products[index / 5 % 4]
            )
        }
        until = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - 60).rounded(.down))
        from = until.addingTimeInterval(-days * 86_400)
        let newest = Int64(until.timeIntervalSince1970) - 1
        var all: [(at: Int64, pool: Int, micros: Int32)] = []
        all.reserveCapacity(rows)
        var seen: Set<Int64> = []
        while all.count < rows {
            let pool = Int.random(in: 0..<count, using: &random)
            let at = newest - Int64.random(in: 0..<Int64(days * 86_400) - 2, using: &random)
            guard seen.insert(at << 20 | Int64(pool)).inserted else { continue }
            all.append((at, pool, Int32.random(in: 10_000..<900_000, using: &random)))
        }
        all.sort { $0.at > $1.at }
        pages = stride(from: 0, to: rows, by: 1000).map { [pools] start in
            var page = SpotPricePage()
            var places: [Int: Int] = [:]
            for row in all[start..<min(start + 1000, rows)] {
                let place = places[row.pool] ?? page.pools.count
                if place == page.pools.count {
                    page.pools.append(pools[row.pool])
                    places[row.pool] = place
                }
                page.rows.append(.init(pool: place, at: row.at, micros: row.micros))
            }
            return page
        }
    }
}

/// Repeatable random numbers (SplitMix64).
struct Repeatable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
