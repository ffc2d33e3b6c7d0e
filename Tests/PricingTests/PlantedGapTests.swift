import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Pricing

// Needs the recorded prices of the shared folder.
@Suite("Gaps planted in recorded history", .enabled(if: SharedFiles.isFound && PythonScript.isPresent))
struct PlantedGapTests {
    private struct Price: Hashable {
        var pool: SpotPool
        var at: Int64
        var micros: Int32
    }

    /// Recorded prices of one region, oldest first.
    private func recorded(_ file: String, from: String = "0", until: String = "9") async throws -> [Price] {
        let path = try SharedFiles.path("data/pricing/spot/" + file)
        let text = try await PythonScript.run("recorded_prices.py", input: path)
        return try text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ",").map(String.init)
            guard fields.count == 6, fields[5] >= from, fields[5] < until else { return nil }
            let price = try #require(HourlyPrice(fields[4].utf8))
            return Price(
                pool: SpotPool(instanceType: fields[2], zone: fields[1], product: fields[3]),
                at: Int64(try Date(fields[5], strategy: .iso8601).timeIntervalSince1970),
                micros: Int32(price.micros)
            )
        }.sorted { ($0.at, $0.pool.zone, $0.pool.product) < ($1.at, $1.pool.zone, $1.pool.product) }
    }

    /// What EC2 answers for a stretch: its rows, and each pool's last one before it; newest first, in short pages.
    private func pages(_ all: [Price], _ from: Int64, _ until: Int64) -> [SpotPricePage] {
        var carried: [SpotPool: Price] = [:]
        var inside: [Price] = []
        for price in all where price.at <= until {
            if price.at < from { carried[price.pool] = price } else { inside.append(price) }
        }
        let rows = (inside + carried.values).sorted { $0.at > $1.at }
        return stride(from: 0, to: rows.count, by: 100).map { start in
            var page = SpotPricePage()
            for price in rows[start..<min(start + 100, rows.count)] {
                let place = page.pools.firstIndex(of: price.pool) ?? page.pools.count
                if place == page.pools.count { page.pools.append(price.pool) }
                page.rows.append(.init(pool: place, at: price.at, micros: price.micros))
            }
            return page
        }
    }

    /// Fetches a stretch; `break` gives up after so many pages, as a killed worker does.
    private func fill(
        _ base: PricingDatabase,
        _ all: [Price],
        _ from: Int64,
        _ until: Int64,
        breakAfter: Int? = nil
    ) async throws {
        let window = SpotPriceWindow(
            region: "us-east-1",
            from: Date(timeIntervalSince1970: Double(from)),
            until: Date(timeIntervalSince1970: Double(until))
        )
        let ingest = SpotPriceIngest(into: base.store, window, source: "test")
        for (number, page) in pages(all, from, until).enumerated() {
            if number == breakAfter { return }
            try await ingest.add(page)
        }
        _ = try await ingest.finish()
    }

    private func stored(_ base: PricingDatabase) async throws -> Set<Price> {
        Set(
            try await base.pool.query(
                """
                SELECT instance_type, availability_zone, product_description, extract(epoch FROM ts)::int8, price_micros
                FROM spot_price_rows JOIN pricing_pools USING (pool_id)
                """
            ).map { row in
                Price(
                    pool: SpotPool(instanceType: try row.get(0), zone: try row.get(1), product: try row.get(2)),
                    at: try row.get(3),
                    micros: Int32(try row.get(4, as: Int.self))
                )
            }
        )
    }

    @Test("the gaps found are the gaps planted, and filled they give the recorded rows, whatever broke on the way")
    func planted() async throws {
        let sets = [
            try await recorded("us-east-1_m5.large_2021-01-08_2021-02-09.csv.gz"),
            // A day of the bidding era, when prices changed every few minutes.
            try await recorded(
                "us-east-1_2016-02-24_2016-04-25_ab.csv.gz",
                from: "2016-03-10T00:00:00Z",
                until: "2016-03-10T06:00:00Z"
            ),
        ]
        let base = try await PricingDatabase()
        let first = TestSize.of("CLOUDOPTIM_SOAK_SEED", ordinarily: .random(in: 0..<1_000_000))
        for round in 0..<TestSize.of("CLOUDOPTIM_PLANTED_SEEDS", ordinarily: 6) {
            let seed = UInt64(first + round)
            var random = SeededNumbers(seed: seed)
            let all = sets[round % sets.count]
            let (begin, end) = (try #require(all.first).at, try #require(all.last).at + 1)
            _ = try await base.pool.query("TRUNCATE spot_price_rows, spot_price_latest, spot_price_coverage")

            // Cuts at random seconds; every other stretch is a gap.
            var cuts = Set(
                (0..<Int.random(in: 2...8, using: &random)).map { _ in
                    Int64.random(in: begin + 1..<end, using: &random)
                }
            ).union([begin, end]).sorted()
            if cuts.count % 2 == 1 { cuts.remove(at: 1) }
            var gaps: [Range<Int64>] = []
            for (index, (from, until)) in zip(cuts, cuts.dropFirst()).enumerated() {
                if index % 2 == 0 { gaps.append(from..<until) } else { try await fill(base, all, from, until) }
            }

            func found() async throws -> [Range<Int64>] {
                try await base.store.gaps(
                    regions: ["us-east-1"],
                    wanted: Date(timeIntervalSince1970: Double(begin))..<Date(timeIntervalSince1970: Double(end))
                ).map { Int64($0.from.timeIntervalSince1970)..<Int64($0.until.timeIntervalSince1970) }
            }
            #expect(try await found() == gaps, "seed \(seed)")
            for gap in gaps.shuffled(using: &random) {
                let pages = pages(all, gap.lowerBound, gap.upperBound).count
                if Bool.random(using: &random) {
                    let broken = Int.random(in: 0...pages, using: &random)
                    try await fill(base, all, gap.lowerBound, gap.upperBound, breakAfter: broken)
                }
                try await fill(base, all, gap.lowerBound, gap.upperBound)
            }
            #expect(try await found().isEmpty, "seed \(seed)")
            #expect(try await base.store.coverage().count == 1, "seed \(seed)")
            // EC2 tells no two prices of a pool at one moment; should the record, the dearer one counts.
            var dearest: [Price: Int32] = [:]
            for price in all {
                let key = Price(pool: price.pool, at: price.at, micros: 0)
                dearest[key] = max(dearest[key] ?? 0, price.micros)
            }
            let expected = Set(dearest.map { Price(pool: $0.key.pool, at: $0.key.at, micros: $0.value) })
            #expect(try await stored(base) == expected, "seed \(seed)")
        }
    }
}

/// Numbers that follow from a seed (SplitMix64).
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
