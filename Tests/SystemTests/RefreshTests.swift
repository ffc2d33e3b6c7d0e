import Contract
import Fetch
import Foundation
import Support
import Testing

// Needs the local AWS and the recorded prices of the shared folder.
@Suite("Refreshing models, over HTTP", .enabled(if: SharedData.url("tools/fake_aws.py") != nil), .serialized)
struct RefreshTests {
    private static let path = "/api/v1/ml/refresh"
    private let good =
        #"{"metrics": {"r2": 0.9, "mae": 0.01}, "golden_sample": {"rows": [[1, 1]], "expected": [1.5]}}"#

    private func day(_ back: Int) -> String {
        String(
            Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970 - Double(back) * 86_400).description.prefix(10)
        )
    }

    private func trigger(_ models: ModelFixture, _ id: String, types: String = #"["m5.large"]"#) async throws
        -> FetchResponse
    {
        try await models.fleet.send(
            "POST",
            Self.path + "/trigger",
            key: models.key,
            body: Array(
                #"""
                {"model_id": "\#(id)", "refresh_from_date": "\#(day(10))", "refresh_to_date": "\#(day(0))",
                 "instance_types": \#(types), "regions": ["us-east-1"], "auto_activate": true}
                """#.utf8
            )
        )
    }

    private func ended(_ models: ModelFixture, _ id: String) async throws -> JSONValue {
        var last = JSONValue.null
        try await Condition.holds(within: .seconds(90)) {
            last = try await models.fleet.get("\(Self.path)/status/\(id)", key: models.key).json
            return last["status"]?.string != "in_progress"
        }
        return last
    }

    @Test("a refresh fetches what is missing, is remembered, and activates a model whose gates pass, and no other")
    func refreshes() async throws {
        try await Fleet.withLocalAWS { fleet async throws in
            let worker = try fleet.startWorker()
            let models = try await ModelFixture(fleet)
            let file = LinearPickle.file([2, -1], intercept: 0.5)
            let passing = try await models.upload(file, "r1", more: ["metadata": good])
            let silent = try await models.upload(file, "r2")

            let first = try await trigger(models, passing)
            #expect(first.status == 202, "\(first.text)")
            let id = try #require(try first.json["refresh_id"]?.string)
            let done = try await ended(models, id)
            let parts = try await fleet.get("/api/v1/ml/jobs?parent=\(id)", key: models.key).text
            try #require(done["status"] == "completed", "\(done.text()) \(parts)")
            #expect((done["records_fetched"]?.integer ?? 0) > 50)
            #expect(done["activation"] == "activated")
            #expect(try await models.get("/\(passing)/details").json["active"] == true)
            #expect(try await models.get("/\(passing)/details").json["last_refresh_date"]?.string != nil)
            #expect(try await fleet.count("SELECT count(*) FROM on_demand_prices") > 0)

            let second = try #require(try await trigger(models, silent).json["refresh_id"]?.string)
            let refused = try await ended(models, second)
            #expect(refused["status"] == "completed")
            #expect(refused["records_fetched"] == 0, "all of it is there already")
            #expect(refused["activation"]?["refused"]?.array?.isEmpty == false, "no metrics, no sample")
            #expect(try await models.get("/\(silent)/details").json["active"] == false)

            let history = try await fleet.get("\(Self.path)/history?model_id=\(passing)", key: models.key).json
            #expect(history[0]?["refresh_id"]?.string == id)
            #expect(history[0]?["status"] == "completed")
            #expect(history[0]?["refresh_type"] == "manual")
            try await keepsAPersonsWord(models, passing)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    /// What was active before and is not any more, somebody has moved on from: a schedule does not bring it back.
    private func keepsAPersonsWord(_ models: ModelFixture, _ id: String) async throws {
        let alias = "\(ModelFixture.prefix)/aliases/spot_predictor/active"
        #expect(try await models.fleet.send("DELETE", alias, key: models.key).status == 204)
        let key = try await models.fleet.makeKey(tenant: "modellers", scopes: "models,read,submit")
        let body = #"""
            {"kind": "refresh.model", "payload": {"model_id": "\#(id)", "lookback_days": 5, "instance_types": ["m5.large"],
             "regions": ["us-east-1"], "auto_activate": true, "refresh_type": "scheduled"}}
            """#
        let sent = try await models.fleet.send("POST", "/api/v1/ml/jobs", key: key, body: Array(body.utf8))
        let done = try await ended(models, try #require(try sent.json["job_id"]?.string, "\(sent.text)"))
        #expect(done["activation"]?["refused"]?[0]?.string?.contains("active before") == true, "\(done.text())")
        #expect(try await models.get("/\(id)/details").json["active"] == false)
    }

    @Test("a refresh that cannot get its data fails, keeps the model that was active, and says which part failed")
    func fails() async throws {
        try await Fleet.withLocalAWS { fleet async throws in
            let worker = try fleet.startWorker()
            let models = try await ModelFixture(fleet)
            let id = try await models.upload(
                LinearPickle.file([2, -1], intercept: 0.5),
                "r1",
                more: ["metadata": good]
            )
            let refresh = try #require(try await trigger(models, id, types: #"["q9.*"]"#).json["refresh_id"]?.string)
            let failed = try await ended(models, refresh)
            #expect(failed["status"] == "failed", "\(failed.text())")
            #expect(failed["error_message"]?.string?.contains("1 of 2 parts") == true)
            #expect(try await models.get("/\(id)/details").json["active"] == false)
            let history = try await fleet.get("\(Self.path)/history", key: models.key).json
            #expect(history[0]?["status"] == "failed")
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("with the gap filler on, an upload has the prices fetched that the model has not seen")
    func uploads() async throws {
        try await Fleet.withLocalAWS(fillsGaps: true) { fleet async throws in
            let worker = try fleet.startWorker()
            let models = try await ModelFixture(fleet)
            let id = try await models.upload(LinearPickle.file([1], intercept: 0), "u1")
            let gaps = try await fleet.get("/api/v1/ml/jobs?kind=pricing.spot_history", key: models.key).json["jobs"]?
                .array
            let gap = try #require(gaps?.first?["job_id"]?.string)
            let status = try await fleet.get("/api/v1/ml/gap-filler/status/\(gap)", key: models.key)
            #expect(status.status == 200, "\(status.text)")
            try await Condition.holds(within: .seconds(60)) {
                let history = try await fleet.get("/api/v1/ml/gap-filler/history", key: models.key).json
                return history[0]?["model_id"]?.string == id
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("a schedule of a model is made once, changed by asking again, and what is no schedule is refused")
    func schedules() async throws {
        try await Fleet.withLocalAWS { fleet async throws in
            let worker = try fleet.startWorker()
            let models = try await ModelFixture(fleet)
            let id = try await models.upload(LinearPickle.file([1], intercept: 0), "s1")
            func ask(_ more: String) async throws -> FetchResponse {
                try await fleet.send(
                    "POST",
                    Self.path + "/schedule",
                    key: models.key,
                    body: Array(#"{"model_id": "\#(id)", \#(more)}"#.utf8)
                )
            }
            let daily = try await ask(#""schedule_type": "daily", "time": "02:30", "lookback_days": 3"#)
            #expect(daily.status == 201, "\(daily.text)")
            #expect(try daily.json["next_run_at"]?.string?.hasSuffix("T02:30:00Z") == true)
            let changed = try await ask(#""schedule_type": "daily", "time": "04:45", "enabled": false"#)
            #expect(try changed.json["schedule_id"] == daily.json["schedule_id"])
            #expect(try changed.json["enabled"] == false)
            #expect(try changed.json["next_run_at"] == .null)
            let weekly = try await ask(#""schedule_type": "weekly", "time": "05:00""#)
            #expect(try weekly.json["expression"] == "weekly 05:00")
            #expect(try weekly.json["schedule_id"] != daily.json["schedule_id"])

            let refusals: [(String, Int)] = [
                (#""schedule_type": "monthly", "time": "02:30""#, 422),
                (#""schedule_type": "daily", "time": "24:30""#, 422),
                (#""schedule_type": "daily", "time": "02:30", "lookback_days": 31"#, 422),
                (#""schedule_type": "daily""#, 422),
                (#""schedule_type": "daily", "time": "02:30", "weekday": "mon""#, 422),
            ]
            for (body, status) in refusals { #expect(try await ask(body).status == status, "\(body)") }
            let nobody = UUID().uuidString.lowercased()
            #expect(try await trigger(models, nobody).status == 404)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
