import Fetch
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

    @Test("a damaged page is asked for again; one that stays damaged ends the fetch and covers nothing")
    func damaged() async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded + " --page-limit 50")
        let base = try await PricingDatabase()
        try await aws.script(["ok", "badxml", "badxml", "ok", "badxml"])
        _ = try await fill(base, aws, window())
        #expect(try await stored(base) == (try await recordedRows()))

        _ = try await base.pool.query("TRUNCATE spot_price_rows, spot_price_coverage")
        try await aws.script(["ok"] + Array(repeating: "badxml", count: 4))
        let error = await #expect(throws: PricingError.self) { try await fill(base, aws, window()) }
        #expect(error?.code == .malformed)
        #expect(try await base.store.coverage().isEmpty)
    }

    @Test("a storm of 503, an expired token and a slow server end the fetch with a reason, and cover nothing")
    func storms() async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded + " --page-limit 50 --stall-s 1")
        let base = try await PricingDatabase()
        for (fault, count, code) in [
            ("html503", 5, PricingError.Code.fetch), ("throttle", 5, .fetch), ("expired", 5, .refused),
            ("stall", 5, .fetch),
        ] {
            try await aws.script(["ok"] + Array(repeating: fault, count: count))
            let ingest = SpotPriceIngest(into: base.store, try window(), source: "test")
            let error = await #expect(throws: PricingError.self) {
                try await aws.spotPrices(region: "us-east-1", attempts: 3).fetch(window()) {
                    page throws(PricingError) in try await ingest.add(page)
                }
            }
            #expect(error?.code == code, "\(fault): \(error.map(String.init(describing:)) ?? "")")
            #expect(try await base.store.coverage().isEmpty)
            // What of the script is left falls on nobody.
            _ = try await aws.fetcher.send(FetchRequest(method: "POST", url: aws.url + "/_fake/reset", body: []))
        }
        #expect(try await fill(base, aws, window()).inserted == (try await recordedRows()).count)
    }

    @Test("types that do not exist and a stretch without prices give an empty window, which is covered")
    func empty() async throws {
        let aws = try await FakeAWS(spot: [Self.file], arguments: Self.recorded)
        let base = try await PricingDatabase()
        var window = try window()
        window.instanceTypes = ["zz9.large"]
        let report = try await fill(base, aws, window)
        #expect(report.received == 0 && report.pages == 1)
        #expect(try await base.store.coverage().map(\.instanceType) == ["zz9.large"])
    }

    // Needs boto3, which ./test installs where it can.
    @Test("the stored rows are what boto3 reads from the same server", .enabled(if: PythonScript.has("boto3")))
    func boto3() async throws {
        let aws = try await FakeAWS(
            arguments: "--synth 4 --synth-days 20 --page-limit 300 --fault-rate 0.15 --seed 5 "
                + "--fault-kinds throttle,e500,e502,e503,html503,truncate,reset,badxml,shortpage,emptypage"
        )
        let base = try await PricingDatabase()
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down))
        let window = SpotPriceWindow(region: "eu-west-1", from: now.addingTimeInterval(-12 * 86_400), until: now)
        _ = try await fill(base, aws, window)

        try await aws.configure(#"{"fault_rate": 0}"#)
        // Ten minutes of overlap are asked for as well.
        let from = window.from.addingTimeInterval(-600).formatted(.iso8601)
        let question = "\(aws.url) eu-west-1 \(from) \(window.until.formatted(.iso8601))"
        let read = try await PythonScript.run("boto3_prices.py", input: question)
        let expected = read.split(whereSeparator: \.isNewline).map(String.init)
        #expect(expected.count > 500)
        #expect(try await stored(base) == expected)
        let zones = try await base.count("pricing_pools WHERE az_id IS NULL")
        #expect(zones == 0)
    }
}
