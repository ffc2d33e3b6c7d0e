import Contract
import Fetch
import Support
import Testing

@Suite("Decisions over HTTP, in every shape that callers use", .fleet(), .serialized)
struct DecisionContractTests {
    static let path = "/api/v1/ml/decision/spot-optimize"
    static let body = #"""
        {"cluster_state": {"nodes": [], "pods": [], "metrics": {}},
         "requirements": {"region": "us-east-1", "cpu": 4, "memory_gb": 16}, "constraints": {}}
        """#

    static let bodies: [(what: String, json: String)] = [
        ("the real caller's", body),
        ("constraints left out", #"{"cluster_state": {}, "requirements": {"cpu": 4, "memory_gb": 16}}"#),
        ("constraints null", #"{"cluster_state": {}, "requirements": {"cpu": 4}, "constraints": null}"#),
        ("requirements empty", #"{"cluster_state": {}, "requirements": {}, "constraints": {}}"#),
        ("current_state", #"{"current_state": {}, "requirements": {"cpu": 4, "memory_gb": 16}}"#),
        (
            "current_state with all it may carry",
            #"""
            {"request_id": "r-1", "cluster_id": "c-1", "decision_type": "spot_optimize",
             "timestamp": "2026-01-31T08:30:00Z", "metadata": {"team": "x"},
             "current_state": {"nodes": [], "pods": [], "metrics": {}},
             "requirements": {"region": "eu-west-1", "cpu": 2}, "constraints": {"max_interruption_risk": 0.9}}
            """#
        ),
        (
            "unknown fields",
            #"{"cluster_id": "c", "cluster_state": {"x": 1}, "requirements": {"cpu": 2, "y": []}, "z": null}"#
        ),
        ("text that databases dislike", #"{"cluster_state": {"note": "\u0000 \u2028 😀"}, "requirements": {"cpu": 2}}"#),
    ]

    @Test("a decision comes as 200 with all documented fields", arguments: bodies)
    func decision(_ what: String, _ json: String) async throws {
        let fleet = try Fleet.current
        let start = ContinuousClock.now

        let answer = try await fleet.post(Self.path, json)

        #expect(answer.status == 200, "\(what): \(answer.text)")
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
        try Self.expectDecision(try answer.json)
    }

    @Test("what the caller named comes back")
    func echo() async throws {
        let answer = try await Fleet.current.post(Self.path, Self.bodies[5].json)

        let reply = try answer.json
        #expect(reply["request_id"]?.string == "r-1")
        #expect(reply["cluster_id"]?.string == "c-1")
        #expect(reply["decision_type"]?.string == "spot_optimize")
        #expect(reply["timestamp"]?.string?.hasPrefix("2026-01-31T08:30:00") == true)
    }

    static let credentials: [(@Sendable (String) -> (String, String))] = [
        { ("Authorization", "Bearer \($0)") }, { ("authorization", "bearer \($0)") }, { ("X-API-Key", $0) },
        { ("Authorization", "ApiKey \($0)") },
    ]

    @Test("the key is taken from both headers", arguments: credentials.indices)
    func keys(_ index: Int) async throws {
        let fleet = try Fleet.current

        let answer = try await fleet.send(
            "POST",
            Self.path,
            key: nil,
            body: Array(Self.body.utf8),
            headers: [Self.credentials[index](fleet.key)]
        )

        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test("a gzip body and chunked transfer are read like any other")
    func packed() async throws {
        let fleet = try Fleet.current
        let packed = try GzipText.packed(Self.body)

        let answer = try await fleet.send(
            "POST",
            Self.path,
            key: fleet.key,
            body: packed,
            headers: [("Content-Encoding", "gzip")]
        )
        #expect(answer.status == 200, "\(answer.text)")

        let head =
            "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nX-API-Key: \(fleet.key)\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        let half = Self.body.count / 2
        let pieces = [Self.body.prefix(half), Self.body.dropFirst(half)].map {
            String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n"
        }
        let chunked = try await RawHTTP.exchange(
            port: try fleet.port,
            head + pieces.joined() + "0\r\n\r\n",
            patience: 30
        )
        #expect(chunked.status == 200, "\(chunked.text)")
    }

    // MARK: Waiting and following

    @Test("respond-async answers 202, and the job leads to the very same decision")
    func respondAsync() async throws {
        let fleet = try Fleet.current
        let body =
            #"{"request_id": "same", "timestamp": "2026-01-31T08:30:00Z", "cluster_state": {}, "requirements": {"cpu": 3}}"#
        let answer = try await fleet.post(Self.path, body, headers: [("Prefer", "respond-async")])

        #expect(answer.status == 202)
        #expect(answer.headers["preference-applied"] == "respond-async")
        let accepted = try answer.json
        let id = try #require(accepted["job_id"]?.string)
        #expect(answer.headers["location"] == "/api/v1/ml/jobs/\(id)")
        try Self.expectJob(accepted)

        let ended = try await fleet.get("/api/v1/ml/jobs/\(id)?wait=20")
        #expect(ended.status == 200)
        let job = try ended.json
        try Self.expectJob(job)
        #expect(job["state"]?.string == "succeeded")
        #expect(job["attempt"]?.integer == 1)
        #expect(job["finished_at"]?.string != nil)
        let result = try #require(job["result"])
        try Self.expectDecision(result)

        let direct = try await fleet.post(Self.path, body)
        #expect(Self.comparable(try direct.json) == Self.comparable(result))
    }

    @Test(
        "wait=N answers in time",
        arguments: ["wait=0", "wait=5", "respond-async, wait=5", "WAIT=5;x=1", "wait=999999999999"]
    )
    func preferWait(_ prefer: String) async throws {
        let fleet = try Fleet.current

        let answer = try await fleet.post(Self.path, Self.body, headers: [("Prefer", prefer)])

        if prefer == "wait=0" {
            // The decision may even be there at once; then it is the answer.
            #expect([200, 202].contains(answer.status))
        } else {
            #expect(answer.status == 200, "\(answer.text)")
            try Self.expectDecision(try answer.json)
        }
    }

    @Test("a preference that makes no sense is ignored", arguments: ["wait=soon", "wait=-1", "", ";;=,", "x=\"y"])
    func strangePreference(_ prefer: String) async throws {
        let answer = try await Fleet.current.post(Self.path, Self.body, headers: [("Prefer", prefer)])

        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test("an idempotency key makes two requests one job, and refuses another body")
    func idempotency() async throws {
        let fleet = try Fleet.current
        let headers = [("Idempotency-Key", "twice"), ("Prefer", "respond-async")]
        let first = try await fleet.post(Self.path, Self.body, headers: headers)
        let second = try await fleet.post(Self.path, Self.body, headers: headers)

        #expect(first.status == 202)
        #expect(second.status == 202)
        #expect(try first.json["job_id"] == second.json["job_id"])

        let other = try await fleet.post(Self.path, Self.bodies[1].json, headers: headers)
        #expect(other.status == 409)
        #expect(try other.json["error"]?["code"]?.string == "conflict")
        #expect(try other.json["error"]?["field"]?.string == "Idempotency-Key")

        let waiting = try await fleet.post(Self.path, Self.body, headers: [("Idempotency-Key", "twice")])
        #expect(waiting.status == 200)

        // The key is the tenant's own.
        let stranger = try await fleet.makeKey(tenant: "globex", scopes: "submit")
        let foreign = try await fleet.send(
            "POST",
            Self.path,
            key: stranger,
            body: Array(Self.bodies[1].json.utf8),
            headers: headers
        )
        #expect(foreign.status == 202)
    }

    @Test("the same service answers on the frontend's port")
    func secondPort() async throws {
        let fleet = try Fleet.current
        let port = try #require(fleet.environment["FRONTEND_PORT"])

        let health = try await RawHTTP.exchange(
            port: try #require(Int(port)),
            "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        #expect(health.status == 200)
        let decision = try await RawHTTP.exchange(
            port: try #require(Int(port)),
            "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nX-API-Key: \(fleet.key)\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(Self.body.utf8.count)\r\n\r\n\(Self.body)",
            patience: 30
        )
        #expect(decision.status == 200)
    }

    // MARK: Shapes

    private static func expectDecision(_ reply: JSONValue) throws {
        let recommendations = try #require(reply["recommendations"]?.array)
        let first = try #require(recommendations.first, "no recommendations in \(reply)")
        #expect(first["instance_type"]?.string?.isEmpty == false)
        for name in [
            "risk_score", "hourly_price", "monthly_cost", "monthly_savings", "savings_percentage", "confidence_score",
        ] {
            #expect(first[name]?.number != nil, "recommendations[0].\(name) is \(String(describing: first[name]))")
        }
        #expect(first["node_count"]?.integer != nil)
        for name in ["engine", "request_id", "decision_type", "timestamp", "engine_version"] {
            #expect(reply[name]?.string?.isEmpty == false, "\(name) is \(String(describing: reply[name]))")
        }
        #expect((0...1).contains(reply["confidence_score"]?.number ?? -1))
        #expect((0...1).contains(reply["data_quality_score"]?.number ?? -1))
        #expect(reply["estimated_savings"]?.number != nil)
        #expect(reply["processing_time_ms"]?.number != nil)
        #expect(reply["uses_fallback"]?.bool != nil)
        #expect(reply["metadata"]?.object != nil)
        #expect(reply["risk_assessment"]?.object != nil)
        #expect(reply.object?["model_version"] != nil)
        for (index, step) in try #require(reply["execution_plan"]?.array).enumerated() {
            #expect(step["step"]?.integer == Int64(index + 1))
            #expect(step["action"]?.string?.isEmpty == false)
            #expect(step["parameters"]?.object != nil)
            for name in ["delay_seconds", "timeout_seconds"] { #expect(step[name]?.integer != nil) }
            for name in ["requires_confirmation", "rollback_on_failure"] { #expect(step[name]?.bool != nil) }
            #expect(step["description"]?.string != nil)
        }
    }

    private static func expectJob(_ job: JSONValue) throws {
        for name in ["job_id", "kind", "lane", "state", "accepted_at"] {
            #expect(job[name]?.string?.isEmpty == false, "\(name) is \(String(describing: job[name]))")
        }
        #expect(job["attempt"]?.integer != nil)
        #expect((0...100).contains(job["progress"]?["percent"]?.number ?? -1))
        #expect(job["progress"]?["message"]?.string != nil)
    }

    /// All but the time it took.
    private static func comparable(_ decision: JSONValue) -> JSONObject? {
        guard var object = decision.object else { return nil }
        object["processing_time_ms"] = nil
        return object
    }
}
