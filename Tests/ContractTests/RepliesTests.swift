import Contract
import Testing

@Suite("Replies")
struct RepliesTests {
    @Test("an error carries code, message, field and hint, and repeats the message as detail")
    func error() throws {
        let error = APIError(
            .invalidValue,
            "requirements.cpu must not be negative",
            field: "requirements.cpu",
            hint: "Send 0."
        )
        let body = try JSONParser.parse(error.body(requestID: "r-1"))
        #expect(body["error"]?["code"] == "invalid_value")
        #expect(body["error"]?["field"] == "requirements.cpu")
        #expect(body["error"]?["hint"] == "Send 0.")
        #expect(body["detail"] == "requirements.cpu must not be negative")
        #expect(body["request_id"] == "r-1")
    }

    @Test("every code has a documented status and a hint", arguments: APIError.Code.allCases)
    func codes(code: APIError.Code) throws {
        let documented = [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503, 504]
        #expect(documented.contains(code.status))
        #expect(APIError(code, "x").hint.hasSuffix("."))
    }

    @Test("a decision reply holds every field any caller reads, and only the envelope varies")
    func decision() throws {
        var rejected = Rejections()
        for index in 0..<80 { rejected.add(Rejection("type\(index)", index % 2 == 0 ? "below_cpu" : "burstable")) }
        let decision = Decision(
            type: .spotOptimize,
            recommendations: [["instance_type": "m5.large"]],
            confidence: 0.123456,
            estimatedSavings: 12.345,
            plan: [ExecutionStep("launch", description: "Launch")],
            sources: [DataSource(kind: "spot_advisor", name: "feed", fetchedAt: nil, isSample: true)],
            rejected: rejected,
            engineVersion: "1.0.0",
            snapshotID: "s-1"
        )
        let now = try #require(Timestamp("2026-01-01T00:00:00Z"))
        let first = DecisionResponse(decision, .init(requestID: "a", timestamp: now, processingMilliseconds: 1.5))
        let body = try JSONParser.parse(first.bytes)
        for field in [
            "request_id", "decision_type", "engine", "recommendations", "confidence_score", "estimated_savings",
            "execution_plan", "metadata", "timestamp", "risk_assessment", "uses_fallback", "data_quality_score",
            "model_version", "engine_version", "processing_time_ms", "data_sources", "provenance",
        ] {
            #expect(body.object?.keys.contains(field) == true, "\(field)")
        }
        #expect(body["confidence_score"] == .double(0.1235))
        #expect(body["execution_plan"]?[0]?["timeout_seconds"] == 300)
        #expect(body["metadata"]?["sample_data"] == true)
        #expect(body["metadata"]?["rejected"]?["by_reason"]?["below_cpu"] == 40)
        #expect(body["metadata"]?["rejected"]?["listed"]?.array?.count == Rejections.listed)
        #expect(body["provenance"]?["price_snapshot_id"] == "s-1")

        var other = try #require(body.object)
        let second = DecisionResponse(
            decision,
            .init(requestID: "b", timestamp: now.adding(hours: 1), processingMilliseconds: 9)
        )
        var twin = try #require(try JSONParser.parse(second.bytes).object)
        for field in ["request_id", "timestamp", "processing_time_ms"] {
            #expect(other[field] != twin[field])
            other[field] = .null
            twin[field] = .null
        }
        #expect(JSONValue.object(other).bytes() == JSONValue.object(twin).bytes())
    }

    @Test("a job body passes the stored result through and leaves unknown members out")
    func job() throws {
        let accepted = try #require(Timestamp("2026-01-01T00:00:00Z"))
        var job = JobStatusBody(
            jobID: "j",
            kind: "decision.spot_optimize",
            lane: "interactive",
            state: .queued,
            attempt: 0,
            acceptedAt: accepted
        )
        #expect(try JSONParser.parse(job.bytes).object?.keys.contains("result") == false)
        #expect(!job.state.isFinal)
        job.state = .succeeded
        job.result = JSONFragment(["recommendations": []])
        job.error = JSONFragment(.null)
        job.progress = .init(percent: 130, message: "done", etaSeconds: 0)
        let body = try JSONParser.parse(job.bytes)
        #expect(body["result"]?["recommendations"] == [])
        #expect(body["progress"]?["percent"] == 100.0)
        #expect(body["accepted_at"] == "2026-01-01T00:00:00.000Z")
    }

    @Test("malformed items of a list are set aside one by one")
    func items() throws {
        let value = try JSONParser.parse(#"{"nodes":[{"n":1},{"n":-1},7,{"n":2},{}]}"#)
        let reader = try JSONReader(value).required("nodes")
        let (items, problems) = try reader.items { item throws(APIError) in
            try item.required("n").integer(in: 0...10)
        }
        #expect(items == [1, 2])
        #expect(problems.map(\.field) == ["nodes[1].n", "nodes[2]", "nodes[4].n"])
        #expect(problems.map(\.code) == ["invalid_value", "wrong_type", "missing_field"])
    }
}
