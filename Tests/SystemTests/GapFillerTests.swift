import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Support
import Testing

// Needs the local AWS and the recorded prices of the shared folder.
@Suite("The gap filler, over HTTP", .enabled(if: SharedData.url("tools/fake_aws.py") != nil), .serialized)
struct GapFillerTests {
    private static let path = "/api/v1/ml/gap-filler"

    private static func day(_ back: Int) -> String {
        Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970 - Double(back) * 86_400).description.prefix(10)
            .description
    }

    private func order(_ fleet: Fleet, from: Int, until: Int = 0, types: String = #"["m5.*"]"#) async throws
        -> FetchResponse
    {
        try await fleet.post(
            Self.path + "/fill",
            #"""
            {"model_id": "0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e", "instance_types": \#(types), "regions": ["us-east-1"],
             "gap_start_date": "\#(Self.day(from))", "gap_end_date": "\#(Self.day(until))"}
            """#
        )
    }

    private func ended(_ fleet: Fleet, _ id: String) async throws -> JSONValue {
        var last = JSONValue.null
        try await Condition.holds(within: .seconds(60)) {
            last = try await fleet.get("\(Self.path)/status/\(id)").json
            return !["pending", "filling"].contains(last["status"]?.string ?? "filling")
        }
        return last
    }

    @Test(
        "a gap is filled window by window, once; the history of prices is then there, and the same order finds nothing to do"
    )
    func fills() async throws {
        try await Fleet.withLocalAWS("--fault-rate 0.1 --fault-kinds throttle,e503,truncate,emptypage") { fleet in
            // The pattern is expanded by what is known: EC2 is asked for names.
            _ = try await fleet.pool.query(
                """
                INSERT INTO pricing_pools (region, availability_zone, instance_type, product_description)
                VALUES ('us-east-1', 'us-east-1a', 'm5.large', 'Linux/UNIX')
                """
            )
            let worker = try fleet.startWorker()

            let accepted = try await order(fleet, from: 20)
            #expect(accepted.status == 202, "\(accepted.text)")
            #expect(try accepted.json["status"]?.string == "filling")
            let id = try #require(try accepted.json["gap_id"]?.string)
            let done = try await ended(fleet, id)

            #expect(done["status"]?.string == "completed", "\(done.text())")
            #expect(done["percent_complete"]?.number == 100)
            let rows = try await fleet.count("SELECT count(*) FROM spot_price_rows")
            #expect(rows > 100)
            #expect(done["records_filled"]?.integer == Int64(rows))
            #expect(try await fleet.count("SELECT count(*) FROM spot_price_coverage") == 1)

            let again = try await ended(
                fleet,
                try #require(try await order(fleet, from: 19, until: 1).json["gap_id"]?.string)
            )
            #expect(again["status"]?.string == "completed")
            #expect(again["records_filled"]?.integer == 0)
            #expect(try await fleet.count("SELECT count(*) FROM spot_price_rows") == rows)

            #expect(done["log"]?.array?.first?.string?.contains("us-east-1") == true, "\(done.text())")
            try await lists(fleet, rows)
            try await keeps(fleet)
            try await analyzes(fleet)
            try await analyzesForModel(fleet)
            try await matchesNothing(fleet)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    /// Pages, CSV and buckets show the same prices.
    private func lists(_ fleet: Fleet, _ rows: Int) async throws {
        let query = "/api/v1/ml/pricing/spot?instance_type=m5.large&region=us-east-1"
        let all = try await fleet.get(query + "&limit=10000").json
        #expect(all.array?.count == rows)
        let times = all.array?.compactMap { $0["timestamp"]?.string } ?? []
        #expect(times == times.sorted(by: >))
        var paged: [JSONValue] = []
        var next: String? = query + "&limit=97"
        while let address = next {
            let page = try await fleet.get(address)
            paged += try page.json.array ?? []
            next = page.headers["link"]?.split(separator: ">").first.map { String($0.dropFirst()) }
        }
        #expect(paged == all.array)

        let csv = try await fleet.send("GET", query + "&limit=10000", key: fleet.key, headers: [("Accept", "text/csv")])
        #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
        #expect(csv.text.split(separator: "\r\n").count == rows + 1)
        let buckets = try await fleet.get(query + "&buckets=50&start_date=\(Self.day(30))").json
        #expect(buckets["points"]?.array?.reduce(0) { $0 + ($1["count"]?.integer ?? 0) } == Int64(rows))
        #expect(try await fleet.get("/api/v1/ml/pricing/stats").json["spot_prices_count"]?.integer == Int64(rows))
        #expect(try await fleet.get("/api/v1/ml/pricing/spot?region=us-east-1").status == 422)
    }

    /// What callers keep they need not be sent again; the latest prices say how fresh they are, and follow each fetch.
    private func keeps(_ fleet: Fleet) async throws {
        for path in [
            "spot?instance_type=m5.large&region=us-east-1", "spot/latest?instance_type=m5.large&region=us-east-1",
            "on-demand", "spot-advisor", "stats", "coverage",
        ] {
            let first = try await fleet.get("/api/v1/ml/pricing/" + path)
            #expect(first.status == 200, "\(path): \(first.text)")
            let tag = try #require(first.headers["etag"], "\(path)")
            #expect(first.headers["cache-control"]?.hasPrefix("private") == true)
            let again = try await fleet.send(
                "GET",
                "/api/v1/ml/pricing/" + path,
                key: fleet.key,
                headers: [("If-None-Match", "\"other\", W/\(tag)")]
            )
            #expect(again.status == 304 && again.body.isEmpty, "\(path)")
            #expect(again.headers["etag"] == tag)
        }
        let latest = try await fleet.get("/api/v1/ml/pricing/spot/latest?instance_type=m5.large&region=us-east-1")
        let prices = try #require(try latest.json["prices"]?.array)
        let newest = try await fleet.count("SELECT count(*) FROM spot_price_latest")
        #expect(prices.count == newest)
        #expect(latest.headers["age"].flatMap { Int($0) } != nil)
        let expected = try await fleet.pool.query(
            "SELECT price_micros FROM spot_price_latest JOIN pricing_pools USING (pool_id) ORDER BY availability_zone"
        ).map { Double(try $0.get(0, as: Int.self)) / 1_000_000 }
        #expect(prices.compactMap { $0["spot_price"]?.number } == expected)
        #expect(try await fleet.get("/api/v1/ml/pricing/spot/latest?region=us-east-1").status == 422)
    }

    /// The gap of a model begins where its training ended.
    private func analyzesForModel(_ fleet: Fleet) async throws {
        func question(_ id: String) -> String {
            #"{"model_id": "\#(id)", "regions": ["us-east-1"], "instance_types": ["m5.large"]}"#
        }
        let nobody = UUID().uuidString.lowercased()
        let unknown = try await fleet.post(Self.path + "/analyze", question(nobody))
        #expect(unknown.status == 404, "\(unknown.text)")
        let models = try await ModelFixture(fleet)
        let file = LinearPickle.file([1], intercept: 0)
        let id = try await models.upload(file, "1", more: ["trained_until_date": Self.day(100)])
        let reply = try await fleet.post(Self.path + "/analyze", question(id))
        #expect(reply.status == 200, "\(reply.text)")
        #expect(try reply.json["trained_until"]?.string?.hasPrefix(Self.day(99)) == true)
        // Ninety days are kept, of which twenty are there.
        let days = try #require(try reply.json["gap_days"]?.number)
        #expect((68.5...70.5).contains(days), "\(days)")
        #expect(try reply.json["unfillable"]?["reason"]?.string?.contains("90 days") == true)
        #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200)
    }

    private func matchesNothing(_ fleet: Fleet) async throws {
        let refused = try await order(fleet, from: 2, types: #"["nosuch*"]"#)
        #expect(refused.status == 422, "\(refused.text)")
        #expect(try refused.json["error"]?["message"]?.string?.contains("matches none") == true)
        // An order that came another way is refused by its worker.
        let fetch = try await fleet.post(
            "/api/v1/ml/pricing/fetch",
            #"{"data_type": "spot_prices", "instance_types": ["nosuch*"], "regions": ["us-east-1"]}"#
        )
        let id = try #require(try fetch.json["job_id"]?.string)
        let done = try await ended(fleet, id)
        #expect(done["status"]?.string == "failed")
        #expect(done["error_message"]?.string?.contains("matches none") == true, "\(done.text())")
        let again = try await fleet.post(Self.path + "/cancel/\(id)", "")
        #expect(again.status == 409, "\(again.text)")
    }

    private func analyzes(_ fleet: Fleet) async throws {
        let reply = try await fleet.post(
            Self.path + "/analyze",
            #"{"required_lookback_days": 30, "regions": ["us-east-1"], "instance_types": ["m5.large"]}"#
        )
        #expect(reply.status == 200, "\(reply.text)")
        // Twenty of thirty days are there; the day of the order counts from its midnight.
        let days = try #require(try reply.json["gap_days"]?.number)
        #expect((8.9...10.1).contains(days), "\(days)")
        #expect((try reply.json["estimated_records"]?.integer ?? 0) > 0)
    }

    @Test("what AWS no longer keeps is named, and the gap is called partial, never completed")
    func unfillable() async throws {
        try await Fleet.withLocalAWS { fleet in
            let worker = try fleet.startWorker()
            // Five years back.
            let id = try #require(try await order(fleet, from: 1826, types: #"["m5.large"]"#).json["gap_id"]?.string)
            let done = try await ended(fleet, id)
            #expect(done["status"]?.string == "partial", "\(done.text())")
            #expect(done["unfillable"]?["reason"]?.string?.contains("90 days") == true)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("a filling whose workers are killed ends with the same table as one that nobody disturbed")
    func killed() async throws {
        try await Fleet.withLocalAWS("--page-limit 20 --bps 400000") { fleet in
            var worker = try fleet.startWorker()
            let id = try #require(try await order(fleet, from: 30, types: #"["m5.large"]"#).json["gap_id"]?.string)
            for round in 0..<3 {
                let before = try await fleet.count("SELECT count(*) FROM spot_price_rows")
                try await Condition.holds(within: .seconds(30)) {
                    let isDone = try await fleet.get("\(Self.path)/status/\(id)").json["status"]?.string == "completed"
                    return try await fleet.count("SELECT count(*) FROM spot_price_rows") > before || isDone
                }
                worker.signal(SIGKILL)
                try await worker.ended()
                worker = try fleet.startWorker()
                _ = round
            }
            #expect(try await ended(fleet, id)["status"]?.string == "completed")
            let killed = try await table(fleet)

            _ = try await fleet.pool.query("TRUNCATE spot_price_rows, spot_price_latest, spot_price_coverage")
            let quiet = try #require(try await order(fleet, from: 30, types: #"["m5.large"]"#).json["gap_id"]?.string)
            #expect(try await ended(fleet, quiet)["status"]?.string == "completed")

            #expect(try await table(fleet) == killed)
            #expect(killed.count > 100)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    private func table(_ fleet: Fleet) async throws -> [String] {
        try await fleet.pool.query(
            "SELECT format('%s %s %s', pool_id, ts, price_micros) AS line FROM spot_price_rows ORDER BY pool_id, ts"
        ).map { try $0.get("line") }
    }

    @Test(
        "an order that makes no sense is refused with field and hint",
        arguments: [
            (
                #"{"regions": ["us-east-1"], "gap_start_date": "2026-01-01", "gap_end_date": "2026-01-02"}"#,
                "instance_types"
            ),
            (
                #"{"instance_types": [], "regions": ["us-east-1"], "gap_start_date": "2026-01-01", "gap_end_date": "2026-01-02"}"#,
                "instance_types"
            ),
            (
                #"{"instance_types": ["m5.large"], "regions": ["mars-1"], "gap_start_date": "2026-01-01", "gap_end_date": "2026-01-02"}"#,
                "regions"
            ),
            (
                #"{"instance_types": ["m5.large"], "regions": ["us-east-1"], "gap_start_date": "2026-01-03", "gap_end_date": "2026-01-01"}"#,
                "gap_end_date"
            ),
            (
                #"{"instance_types": ["'; DROP"], "regions": ["us-east-1"], "gap_start_date": "2026-01-01", "gap_end_date": "2026-01-02"}"#,
                "instance_types"
            ),
            (
                #"{"instance_types": ["m5.large"], "regions": ["us-east-1"], "gap_start_date": "soon", "gap_end_date": "2026-01-02"}"#,
                "gap_start_date"
            ),
        ]
    )
    func refused(_ body: String, _ field: String) async throws {
        try await Fleet.with { fleet in
            let answer = try await fleet.post(Self.path + "/fill", body)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(try answer.json["error"]?["field"]?.string == field)
            #expect(try answer.json["error"]?["hint"]?.string?.isEmpty == false)
        }
    }
}
