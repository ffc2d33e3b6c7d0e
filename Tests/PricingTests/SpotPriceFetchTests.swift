import Foundation
import Postgres
import Support
import Testing

@testable import Pricing

// Needs the local AWS and the recorded prices of the shared folder. One after the other: each has a server of its own.
@Suite(
    "The spot price history, fetched and stored",
    .serialized,
    .enabled(if: FakeAWS.isFound),
    .timeLimit(.minutes(5))
)
struct SpotPriceFetchTests {
    private static let file = "us-east-1_m5.large_2021-01-08_2021-02-09.csv.gz"
    private static let recorded = "--clock data --retention-days 0"

    private func window(from: String = "2021-01-08T00:00:00Z", until: String = "2021-02-10T00:00:00Z") throws
        -> SpotPriceWindow
    {
        SpotPriceWindow(
            region: "us-east-1",
            from: try Date(from, strategy: .iso8601),
            until: try Date(until, strategy: .iso8601)
        )
    }

    private func fill(_ base: PricingDatabase, _ aws: FakeAWS, _ window: SpotPriceWindow) async throws -> IngestReport {
        let ingest = SpotPriceIngest(into: base.store, window, source: "test")
        try await aws.spotPrices(region: window.region).fetch(window) { page throws(PricingError) in
            try await ingest.add(page)
        }
        return try await ingest.finish()
    }

    /// The stored rows as the recorded file has them.
    private func stored(_ base: PricingDatabase) async throws -> [String] {
        try await base.pool.query(
            """
            SELECT region || ',' || availability_zone || ',' || instance_type || ',' || product_description || ','
                || spot_price || ',' || to_char("timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS line
            FROM spot_prices ORDER BY 1
            """
        ).map { try $0.get("line") }
    }

    private func recordedRows() async throws -> [String] {
        let path = try SharedFiles.path("data/pricing/spot/" + Self.file)
        let text = try await PythonScript.run("recorded_prices.py", input: path)
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    @Test(
        "the stored rows are the recorded ones, through every fault that can be survived",
        arguments: [
            "", "--fault-rate 0.3 --fault-kinds throttle,e500,e502,e503,html503",
            "--fault-rate 0.3 --fault-kinds truncate,reset,shortpage,emptypage",
            "--page-limit 17 --fault-rate 0.1 --fault-kinds emptypage,shortpage",
        ]
    )
    func equal(_ faults: String) async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded + " " + faults)
        let base = try await PricingDatabase()

        let report = try await fill(base, aws, window())

        let expected = try await recordedRows()
        #expect(try await stored(base) == expected)
        #expect(report.inserted == expected.count)
        #expect(try await base.store.coverage().count == 1)
        let again = try await fill(base, aws, window())
        #expect(again.inserted == 0)
        #expect(try await stored(base) == expected)
    }

    @Test("a fetch that breaks off leaves rows but covers nothing; the next one ends with the same table")
    func broken() async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded + " --page-limit 5")
        let base = try await PricingDatabase()
        try await aws.script(Array(repeating: "ok", count: 30) + ["denied"])
        await #expect(throws: PricingError.self) { try await fill(base, aws, window()) }

        #expect(try await base.store.coverage().isEmpty)
        #expect(try await base.count("spot_price_rows") == 100)  // a batch of twenty pages is in, the rest is not
        _ = try await fill(base, aws, window())
        #expect(try await stored(base) == (try await recordedRows()))
        #expect(try await base.store.coverage().count == 1)
    }

    @Test("windows in any order, overlapping, give the same table as one, and the latest price is the newest")
    func windows() async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded)
        let base = try await PricingDatabase()
        for (from, until) in [("20", "30"), ("08", "15"), ("12", "22"), ("29", "31")] {
            _ = try await fill(
                base,
                aws,
                window(from: "2021-01-\(from)T00:00:00Z", until: "2021-01-\(until)T00:00:00Z")
            )
        }
        _ = try await fill(base, aws, window(from: "2021-01-31T00:00:00Z"))

        #expect(try await stored(base) == (try await recordedRows()))
        #expect(try await base.store.coverage().count == 1)
        let wrong = try await base.count(
            """
            spot_price_latest l WHERE (ts, price_micros) IS DISTINCT FROM (
                SELECT ROW(r.ts, r.price_micros) FROM spot_price_rows r WHERE r.pool_id = l.pool_id ORDER BY ts DESC LIMIT 1)
            """
        )
        #expect(wrong == 0)
    }
}
