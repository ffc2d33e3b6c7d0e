import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Pricing

@Suite("Batches of spot prices")
struct SpotPriceBatchTests {
    private let start = Int64(Date().timeIntervalSince1970) - 40 * 86_400
    private let pool = SpotPool(instanceType: "m5.large", zone: "us-east-1a", product: "Linux/UNIX")

    private func page(_ rows: [(hour: Int64, micros: Int32)]) -> SpotPricePage {
        var page = SpotPricePage()
        page.pools = [pool]
        page.rows = rows.map { .init(pool: 0, at: start + $0.hour * 3600, micros: $0.micros) }
        return page
    }

    private func stored(_ base: PricingDatabase) async throws -> [String] {
        try await base.pool.query(
            """
            SELECT format('%s %s', extract(epoch FROM ts)::int8 - $1, price_micros) AS line FROM spot_price_rows
            UNION ALL SELECT format('latest %s %s', extract(epoch FROM ts)::int8 - $1, price_micros)
            FROM spot_price_latest ORDER BY 1
            """,
            [.int(start)]
        ).map { try $0.get("line") }
    }

    @Test("of two prices at one moment the dearer stays, wherever the batches were cut and whichever came first")
    func twice() async throws {
        let rows: [(hour: Int64, micros: Int32)] = [(3, 7), (3, 9), (2, 5), (2, 4), (1, 8), (3, 8)]
        let expected = ["10800 9", "3600 8", "7200 5", "latest 10800 9"]
        for cut in 0...rows.count {
            for turned in [false, true] {
                let base = try await PricingDatabase()
                let parts = [Array(rows[..<cut]), Array(rows[cut...])]
                for part in turned ? parts.reversed() : parts {
                    let window = SpotPriceWindow(
                        region: "us-east-1",
                        from: Date(timeIntervalSince1970: Double(start)),
                        until: Date(timeIntervalSince1970: Double(start + 4 * 3600))
                    )
                    let ingest = SpotPriceIngest(into: base.store, window, source: "test")
                    try await ingest.add(page(part))
                    _ = try await ingest.finish()
                }
                #expect(try await stored(base) == expected, "cut at \(cut), turned: \(turned)")
                await base.pool.shutdown()
            }
        }
    }

    @Test("a window covers nothing later than the moment when its fetch began")
    func asked() async throws {
        let base = try await PricingDatabase()
        let now = Date()
        let window = SpotPriceWindow(region: "us-east-1", from: now.addingTimeInterval(-3600), until: now)
        let began = now.addingTimeInterval(-600)
        _ = try await SpotPriceIngest(into: base.store, window, source: "test", asked: began).finish()
        let covered = try #require(try await base.store.coverage().first)
        #expect(abs(covered.until.timeIntervalSince(began)) < 0.001)
    }

    @Test("upkeep makes the coming months, drops what is past retention, and no longer calls it covered")
    func upkeep() async throws {
        let base = try await PricingDatabase()
        let old = Date().addingTimeInterval(-200 * 86_400)
        _ = try await base.pool.query("SELECT ensure_spot_price_partition($1)", [.timestamp(old)])
        _ = try await base.pool.query(
            "INSERT INTO spot_price_rows VALUES (1, $1, 5), (1, now(), 6), (1, '2016-01-01', 7)",
            [.timestamp(old)]
        )
        _ = try await base.pool.query(
            """
            INSERT INTO spot_price_coverage (region, instance_type, product_description, covered)
            VALUES ('us-east-1', '', '', tstzrange($1, now())), ('us-east-1', 'gone', '', tstzrange('2016-01-01', '2016-02-01'))
            """,
            [.timestamp(old)]
        )

        let first = try await base.store.keepUp(days: 120)
        let again = try await base.store.keepUp(days: 120)
        let later = try await base.store.keepUp(days: 120, now: Date().addingTimeInterval(70 * 86_400))

        #expect(first.dropped.count >= 1 && first.deleted == 1)
        #expect(again.isNothing)
        #expect(later.made >= 2)
        #expect(try await base.count("spot_price_rows") == 1)
        let covered = try await base.store.coverage()
        #expect(covered.count == 1)
        #expect((covered.first?.from ?? .distantPast) > Date().addingTimeInterval(-190 * 86_400))
    }
}
