import Contract
import Fetch
import Postgres
import Support
import Testing

@Suite("What became of decisions: the log, and making them again", .fleet(), .serialized)
struct DecisionLogTests {
    private static let engine = "/api/v1/ml/decision/spot-optimize"

    /// Decides and returns the execution's id with the answer.
    private func decide(cluster: String, query: String = "") async throws -> (id: String, reply: JSONValue) {
        let answer = try await Fleet.current.post(
            Self.engine + query,
            #"""
            {"request_id": "log-\#(cluster)", "cluster_id": "\#(cluster)", "cluster_state": {},
             "requirements": {"region": "us-east-1", "cpu": 4, "memory_gb": 16}}
            """#
        )
        try #require(answer.status == 200, "\(answer.text)")
        let place = try #require(answer.headers["content-location"])
        return (String(try #require(place.split(separator: "/").last)), try answer.json)
    }

    private func replay(_ id: String, engine: String = engine) async throws -> FetchResponse {
        try await Fleet.current.post("\(engine)/replay/\(id)", "{}")
    }

    @Test("a decision made again is the same, byte for byte")
    func replays() async throws {
        let (id, reply) = try await decide(cluster: "replayed")

        let answer = try await replay(id)

        #expect(answer.status == 200, "\(answer.text)")
        let report = try answer.json
        #expect(report["identical"]?.bool == true, "\(report["differences"]?.text() ?? "")")
        #expect(report["execution_id"]?.string == id)
        #expect(report["decision"]?["recommendations"]?.bytes() == reply["recommendations"]?.bytes())
        #expect(report["decision"]?["timestamp"] == reply["timestamp"])
    }

    @Test("prices that changed since do not change a decision made again")
    func pricesChange() async throws {
        let fleet = try Fleet.current
        let (id, before) = try await decide(cluster: "repriced")
        _ = try await fleet.pool.query(
            "UPDATE spot_advisor_data SET savings_over_od = greatest(1, savings_over_od - 7)"
        )
        _ = try await fleet.pool.query("UPDATE price_data_version SET version = version + 1")
        // Markets are trusted for two seconds.
        try await Condition.holds(within: .seconds(10)) {
            let now = try await decide(cluster: "repriced").reply
            return now["recommendations"]?.bytes() != before["recommendations"]?.bytes()
        }

        let report = try await replay(id).json

        #expect(report["identical"]?.bool == true, "\(report["differences"]?.text() ?? "")")
        #expect(report["decision"]?["recommendations"]?.bytes() == before["recommendations"]?.bytes())
    }

    @Test("a decision whose input was tampered with does not come out the same")
    func tampered() async throws {
        let fleet = try Fleet.current
        let (id, _) = try await decide(cluster: "tampered")
        let (other, _) = try await decide(cluster: "other")
        _ = try await fleet.pool.query(
            """
            UPDATE decision_input i SET input = o.input FROM decision_input o
            WHERE i.execution_id = '\(id)' AND o.execution_id = '\(other)'
            """
        )

        let report = try await replay(id).json

        #expect(report["identical"]?.bool == false)
        #expect(report["differences"]?.array?.contains("provenance") == true)
    }

    @Test("once the input is gone a replay answers 410 and says why")
    func gone() async throws {
        let fleet = try Fleet.current
        let (id, _) = try await decide(cluster: "gone")
        _ = try await fleet.pool.query("DELETE FROM decision_input WHERE execution_id = '\(id)'")

        let answer = try await replay(id)

        #expect(answer.status == 410)
        #expect(try answer.json["error"]?["hint"]?.string?.contains("DECISION_INPUT_RETENTION_DAYS") == true)
    }

    @Test("what is no decision of this engine and tenant answers 404, and no id at all 422")
    func unknown() async throws {
        let fleet = try Fleet.current
        let (id, _) = try await decide(cluster: "private")
        let stranger = try await fleet.makeKey(tenant: "stranger", scopes: "submit,read")

        let foreign = try await fleet.send("POST", "\(Self.engine)/replay/\(id)", key: stranger, body: Array("{}".utf8))
        #expect(foreign.status == 404)
        #expect(try await replay("0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e").status == 404)
        #expect(try await replay("not-an-id").status == 422)
    }

    @Test("the history lists decisions newest first, by page, cluster and engine")
    func history() async throws {
        let fleet = try Fleet.current
        var ids: [String] = []
        for _ in 0..<3 { ids.append(try await decide(cluster: "history").id) }

        let first = try await fleet.get("/api/v1/ml/decisions/history?cluster_id=history&limit=2")
        #expect(first.status == 200, "\(first.text)")
        let page = try first.json
        #expect(page["decisions"]?.array?.compactMap { $0["execution_id"]?.string } == [ids[2], ids[1]])
        let entry = try #require(page["decisions"]?[0])
        #expect(entry["decision_type"]?.string == "spot_optimize")
        #expect(entry["confidence_score"]?.number != nil)
        #expect((entry["recommendation_count"]?.integer ?? 0) > 0)
        #expect(entry["provenance"]?["market_sha256"]?.string?.count == 64)
        let link = try #require(first.headers["link"]?.split(separator: ">").first?.dropFirst())
        let second = try await fleet.get(String(link)).json
        #expect(second["decisions"]?.array?.compactMap { $0["execution_id"]?.string } == [ids[0]])
        #expect(second["next"]?.isNull == true)

        let none = try await fleet.get("/api/v1/ml/decisions/history?cluster_id=history&engine_id=bin_pack").json
        #expect(none["decisions"]?.array?.isEmpty == true)
        #expect(try await fleet.get("/api/v1/ml/decisions/history?clutser_id=history").status == 422)
        #expect(try await fleet.get("/api/v1/ml/decisions/history?engine_id=astrology").status == 422)
    }

    @Test("reports read the same log in SQL")
    func view() async throws {
        let fleet = try Fleet.current
        let (id, reply) = try await decide(cluster: "sql")

        let rows = try await fleet.pool.query(
            """
            SELECT decision_type, cluster_id, confidence_score::float8, provenance ->> 'input_sha256'
            FROM decision_execution_log WHERE execution_id = '\(id)'
            """
        )

        #expect(rows.count == 1)
        #expect(try rows[0].get(0) == "spot_optimize")
        #expect(try rows[0].get(1) == "sql")
        #expect(try rows[0].get(2, as: Double.self) == reply["confidence_score"]?.number)
        #expect(try rows[0].get(3, as: String.self) == reply["provenance"]?["input_sha256"]?.string)
    }

    @Test("explain=full brings the evidence, and only then")
    func explain() async throws {
        #expect(try await decide(cluster: "explained").reply["evidence"] == nil)
        #expect(try await decide(cluster: "explained", query: "?explain=full").reply["evidence"]?.object != nil)
        #expect(try await Fleet.current.post(Self.engine + "?explain=loud", "{}").status == 422)
    }
}
