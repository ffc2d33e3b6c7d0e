import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite("Models over HTTP: upload, activate, roll back, predict", .fleet(["MAX_MODEL_FILE_SIZE_MB": "1"]), .serialized)
struct ModelRouteTests {
    private let model = LinearPickle.file([2, -1], intercept: 0.5)

    private func stored(_ fleet: Fleet) async throws -> [Int] {
        [
            try await fleet.count("SELECT count(*) FROM ml_models"),
            try await fleet.count("SELECT count(*) FROM model_blob"),
            try await fleet.count("SELECT count(*) FROM model_chunk"),
        ]
    }

    @Test("what is no model is refused with its reason, and leaves nothing behind")
    func refusals() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let attack = Array("cposix\nsystem\n(S'echo pwned'\ntR.".utf8)
        let files: [([UInt8], String)] = [
            (attack, "forbidden-global"), (Array(model.dropLast(3)), "malformed"),
            (Array("PK\u{3}\u{4}zip".utf8), "bad-container"),
            (Array("hello".utf8), "malformed"), (LinearPickle.file([.nan, 1], intercept: 0), "invalid-model"),
        ]
        for (file, reason) in files {
            let answer = try await models.send(ModelFixture.form(file, "bad"))
            #expect(answer.status == 422, "\(reason): \(answer.text)")
            #expect(try answer.json["error"]?["code"] == "invalid_model")
            #expect(try answer.json["error"]?["message"]?.string?.hasPrefix(reason) == true, "\(answer.text)")
            #expect(try answer.json["error"]?["field"] == "file")
        }
        let fields: [([String: String], Int, String)] = [
            (["model_name": ""], 422, "model_name"), (["model_version": ""], 422, "model_version"),
            (["model_type": "oracle"], 422, "model_type"),
            (["trained_until_date": "2026-02-30"], 422, "trained_until_date"),
            (["metadata": "{"], 422, "metadata"), (["surprise": "x"], 422, "surprise"),
            (["model_version": String(repeating: "v", count: 51)], 422, "model_version"),
        ]
        for (more, status, field) in fields {
            let answer = try await models.send(ModelFixture.form(model, "bad", more: more))
            #expect(answer.status == status, "\(field): \(answer.text)")
            #expect(try answer.json["error"]?["field"]?.string == field)
        }
        let large = try await models.send(ModelFixture.form([UInt8](repeating: 0x80, count: (1 << 20) + 1), "bad"))
        #expect(large.status == 413)
        let reader = try await models.send(ModelFixture.form(model, "bad"), key: fleet.key)
        #expect(reader.status == 403, "a key without the scope models")
        #expect(try await stored(fleet) == [0, 0, 0])
    }

    @Test("an upload that breaks off leaves nothing")
    func interrupted() async throws {
        let fleet = try Fleet.current
        let form = ModelFixture.form(model, "cut")
        let models = try await ModelFixture(fleet)
        let head = """
            POST /api/v1/ml/models/upload HTTP/1.1\r
            Host: test\r
            X-API-Key: \(models.key)\r
            Content-Type: multipart/form-data; boundary=b0undary\r
            Content-Length: \(form.count)\r
            \r

            """
        let port = try #require(fleet.environment["ML_SERVER_PORT"].flatMap(Int.init))
        _ = try await RawHTTP.exchange(port: port, [Array(head.utf8), Array(form.dropLast(40))], abandon: true)
        // The next upload is answered by the same process: what the broken one left would be there by then.
        let id = try await models.upload(model, "whole")
        #expect(try await stored(fleet) == [1, 2, 2])
        #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200)
        #expect(try await stored(fleet) == [0, 0, 0])
    }

    @Test("the same file twice is stored once, a version never changes, and the original comes back byte for byte")
    func versions() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let metadata = #"{"metrics": {"r2": 0.91, "f1_score": 0.8}, "note": "first"}"#
        let first = try await models.upload(model, "1.0", more: ["metadata": metadata, "uploaded_by": "ada"])
        let again = try await models.send(ModelFixture.form(LinearPickle.file([9], intercept: 9), "1.0"))
        #expect(again.status == 409)
        #expect(try again.json["error"]?["field"] == "model_version")
        let second = try await models.upload(model, "1.1")
        #expect(try await stored(fleet) == [2, 2, 2], "two models, one original and one form")

        let details = try await models.get("/\(first)/details").json
        #expect(details["estimator"] == "LinearRegression")
        #expect(details["uploaded_by"] == "ada")
        #expect(details["file_name"] == "../../etc/model.pkl", "shown as it came, and no path of ours")
        #expect(details["description"]?["feature_count"] == 2)
        #expect(details["performance_metrics"]?["r2"] == 0.91)
        #expect(try await models.get("/\(first)/performance").json["f1_score"] == 0.8)
        let file = try await models.get("/\(first)/file")
        #expect(file.body == model)

        let page = try await models.get("/list?limit=1&offset=1").json
        #expect(page["total"] == 2)
        #expect(page["models"]?[0]?["model_id"]?.string == first, "newest first")
        #expect(try await models.get("/list?model_type=resource_forecaster").json["total"] == 0)
        #expect(try await models.get("/list?sort=name").status == 422)
        for id in [first, second] {
            #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200)
        }
        #expect(try await stored(fleet) == [0, 0, 0])
    }

    @Test("an activation reaches the answers within a second, a roll-back too, and what is active cannot be deleted")
    func activation() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        #expect(try await models.predict([1, 1]).status == 409, "nothing is active")
        let one = try await models.upload(model, "a1")
        let two = try await models.upload(LinearPickle.file([10, 10], intercept: 0), "a2")
        #expect(try await models.activate(one).status == 200)
        try await answers(models, "a1", 1.5)
        let moved = try await models.activate(two)
        #expect(try moved.json["previous_active"]?.string == one)
        try await answers(models, "a2", 20)
        #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(two)", key: models.key).status == 409)
        #expect(try await models.post("/rollback", #"{"model_type": "spot_predictor"}"#).status == 200)
        try await answers(models, "a1", 1.5)
        let history = try await models.get("/aliases/spot_predictor/active/history").json["changes"]?.array ?? []
        #expect(history.count == 3)
        #expect(history.first?["rollback"] == true)
        try await Condition.holds(within: .seconds(20)) {
            let loaded = try await models.get("/\(one)/details").json["loaded_by"]?.array ?? []
            return Set(loaded.compactMap { $0["role"]?.string }) == ["api", "worker"]
        }

        let wrong = try await models.predict([1, 2, 3])
        #expect(wrong.status == 422)
        #expect(try wrong.json["error"]?["message"]?.string?.contains("3 values") == true, "\(wrong.text)")
        let batch = try await fleet.send(
            "POST",
            "/api/v1/ml/predict/\(one)",
            key: models.key,
            body: Array(#"{"rows": [[0, 0], [1, 0], [0, 1]]}"#.utf8)
        )
        #expect(try batch.json["predictions"] == [0.5, 2.5, -0.5])
        try await clear(models, [one, two])
    }

    @Test("a model that does not answer its golden sample is not activated")
    func goldenSample() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let right = #"{"golden_sample": {"rows": [[1, 1], [0, 0]], "expected": [1.5, 0.5]}}"#
        let wrong = #"{"golden_sample": {"rows": [[1, 1], [0, 0]], "expected": [1.5, 0.6]}}"#
        let good = try await models.upload(model, "g1", more: ["metadata": right])
        let bad = try await models.upload(model, "g2", more: ["metadata": wrong])
        #expect(try await models.activate(good).status == 200)
        let refused = try await models.activate(bad)
        #expect(refused.status == 409)
        #expect(try refused.json["error"]?["message"]?.string?.contains("golden sample") == true)
        let malformed = try await models.send(
            ModelFixture.form(model, "g3", more: ["metadata": #"{"golden_sample": {}}"#])
        )
        #expect(malformed.status == 422)
        #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(bad)", key: models.key).status == 200)
        try await clear(models, [good])
    }

    @Test("of two uploads of one version at the same moment one wins, and the other hears of it")
    func race() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for place in 0..<4 {
                group.addTask {
                    try await models.send(ModelFixture.form(LinearPickle.file([Double(place)], intercept: 0), "race"))
                        .status
                }
            }
            var all: [Int] = []
            for try await status in group { all.append(status) }
            return all.sorted()
        }
        #expect(statuses == [201, 409, 409, 409])
        #expect(try await stored(fleet) == [1, 2, 2])
        let id = try #require(try await models.get("/list").json["models"]?[0]?["model_id"]?.string)
        #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200)
    }

    @Test("while models are exchanged under load no prediction fails, and each says which version made it")
    func exchange() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let ids = [
            try await models.upload(LinearPickle.file([1], intercept: 0), "x1"),
            try await models.upload(LinearPickle.file([2], intercept: 0), "x2"),
        ]
        #expect(try await models.activate(ids[0]).status == 200)
        try await Condition.holds(within: .seconds(2)) { try await models.predict([1]).status == 200 }
        let switching = Task {
            for round in 1...6 {
                try await Task.sleep(for: .milliseconds(500))
                #expect(try await models.activate(ids[round % 2]).status == 200)
            }
        }
        var seen: Set<String> = []
        let end = ContinuousClock.now + .seconds(4)
        while ContinuousClock.now < end {
            let answer = try await models.predict([3])
            #expect(answer.status == 200, "\(answer.text)")
            let version = try answer.json["model_version"]?.string ?? ""
            #expect(try answer.json["prediction"]?.number == (version == "x1" ? 3 : 6))
            seen.insert(version)
        }
        try await switching.value
        #expect(seen == ["x1", "x2"])
        try await clear(models, ids)
    }

    @Test(
        "a name of a model that is none is answered 404, whatever it looks like",
        arguments: ["@", "@@", "@active", "none", "spot_predictor@none"]
    )
    func strangeNames(_ name: String) async throws {
        let fleet = try Fleet.current
        let answer = try await fleet.post("/api/v1/ml/predict/\(name)", #"{"features": [1]}"#)
        #expect(answer.status == 404, "\(answer.text)")
        #expect(try await fleet.get("/health").status == 200, "the process lives")
    }

    @Test("a canary that is rolled back stays a canary of the same share")
    func canary() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let path = "\(ModelFixture.prefix)/aliases/spot_predictor/canary"
        let ids = [
            try await models.upload(LinearPickle.file([1], intercept: 0), "c1"),
            try await models.upload(LinearPickle.file([2], intercept: 0), "c2"),
        ]
        for id in ids {
            let body = Array(#"{"model_id": "\#(id)", "share": 0.05}"#.utf8)
            #expect(try await fleet.send("PUT", path, key: models.key, body: body).status == 200)
        }
        let back = try await models.post("/rollback", #"{"model_type": "spot_predictor", "alias": "canary"}"#)
        #expect(try back.json["model_id"]?.string == ids[0])
        let aliases = try await models.get("/aliases").json["aliases"]?.array ?? []
        #expect(aliases.first { $0["alias"] == "canary" }?["share"] == 0.05)
        #expect(try await fleet.send("DELETE", path, key: models.key).status == 204)
        for id in ids {
            #expect(try await fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200)
        }
    }

    @Test("a text that PostgreSQL cannot keep does not stop the log")
    func strangeTexts() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet, tenant: "texts")
        let id = try await models.upload(LinearPickle.file([1, 1], intercept: 0), "t1")
        #expect(try await models.activate(id).status == 200)
        try await Condition.holds(within: .seconds(2)) { try await models.predict([1, 1]).status == 200 }
        let spot = "/api/v1/ml/predict/spot-interruption"
        let body = Array(#"{"instance_type": "m5.large", "region": "us-east-1", "az": "us-east-1\u0000a"}"#.utf8)
        _ = try await fleet.send("POST", spot, key: models.key, body: body)
        _ = try await models.predict([4, 4])
        try await Condition.holds(within: .seconds(5)) {
            let entries = try await fleet.get("/api/v1/ml/predictions/history?model_id=\(id)", key: models.key).json
            return (entries["predictions"]?.array ?? []).contains { $0["output"]?["predictions"]?[0]?.number == 8 }
        }
        try await clear(models, [id])
    }

    @Test("a spot pool is judged by the public feed on day zero, and by the active model after")
    func spot() async throws {
        let fleet = try Fleet.current
        let models = try await ModelFixture(fleet)
        let body = Array(
            #"{"instance_type": "m5.large", "region": "us-east-1", "az": "us-east-1a", "spot_price": 0.04}"#.utf8
        )
        let path = "/api/v1/ml/predict/spot-interruption"
        let dayZero = try await fleet.send("POST", path, key: models.key, body: body).json
        #expect(dayZero["uses_fallback"] == true)
        #expect(dayZero["source"] == "spot_advisor")
        #expect((dayZero["interruption_probability"]?.number ?? -1) > 0)
        let names = #"{"feature_columns": ["spot_price", "hour"], "target": "interruption_probability"}"#
        let id = try await models.upload(LinearPickle.file([10, 0], intercept: 0), "spot", more: ["metadata": names])
        #expect(try await models.activate(id).status == 200)
        try await Condition.holds(within: .seconds(2)) {
            try await fleet.send("POST", path, key: models.key, body: body).json["source"] == "model"
        }
        let answer = try await fleet.send("POST", path, key: models.key, body: body).json
        #expect(answer["interruption_probability"] == 0.4)
        #expect(answer["model_version"] == "spot")
        #expect(answer["recommendation"] == "use_on_demand")
        let unknown = Array(#"{"instance_type": "q9.none", "region": "us-east-1"}"#.utf8)
        #expect(try await fleet.send("POST", path, key: models.key, body: unknown).status == 422)
        try await Condition.holds(within: .seconds(5)) {
            let entries = try await fleet.get("/api/v1/ml/predictions/history?model_id=\(id)", key: models.key).json
            return (entries["predictions"]?.array ?? []).contains { $0["output"]?["model_version"] == "spot" }
        }
        try await clear(models, [id])
    }

    /// Within a second, as promised: and from then on.
    private func answers(_ models: ModelFixture, _ version: String, _ value: Double) async throws {
        try await Condition.holds(within: .seconds(1)) {
            let answer = try await models.predict([1, 1])
            return try answer.status == 200 && answer.json["model_version"]?.string == version
                && answer.json["prediction"]?.number == value
        }
    }

    private func clear(_ models: ModelFixture, _ ids: [String]) async throws {
        let path = "\(ModelFixture.prefix)/aliases/spot_predictor/active"
        #expect(try await models.fleet.send("DELETE", path, key: models.key).status == 204)
        for id in ids {
            #expect(
                try await models.fleet.send("DELETE", "\(ModelFixture.prefix)/\(id)", key: models.key).status == 200
            )
        }
        try await Condition.holds(within: .seconds(2)) { try await models.predict([1, 1]).status == 409 }
    }
}
