import Contract
import Fetch
import Foundation
import Testing

/// What is refused, and how.
extension EngineContractTests {
    @Test("an engine that fails its test is stored, and cannot be activated")
    func failingTest() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let cases = [
            ("function decide() while true do end end", "instruction_limit"),
            ("function decide() return string.rep('x', 1 << 40) end", "script_error"),
            ("function decide() return {} end", "bad_output"), ("x = ", "script_error"),
            ("local f = io.open('/etc/passwd')", "sandbox_violation"),
        ]
        for (index, (source, reason)) in cases.enumerated() {
            let answer = try await engines.send(EngineFixture.fields("broken", "\(index)", source))
            #expect(answer.status == 201)
            #expect(try answer.json["status"]?.string == "test_failed", "\(answer.text)")
            #expect(try answer.json["test"]?["reason"]?.string == reason)
            let id = try #require(try answer.json["engine_id"]?.string)
            let refused = try await engines.select(id)
            #expect(refused.status == 409)
            #expect(try refused.json["error"]?["message"]?.string?.contains(reason) == true)
            #expect(try await engines.select(id, mode: "shadow").status == 409)
        }
    }

    @Test("what an engine declares is held against what it gets and gives")
    func schemas() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let source = "function decide() local d = builtin() d.metadata.tag = config.tag return d end"
        let output =
            #"{"properties": {"metadata": {"required": ["tag"], "properties": {"tag": {"enum": ["a", "b"]}}}}}"#
        let answer = try await engines.send(
            EngineFixture.fields("schemas", "1", source, more: ["output_schema": output, "config": #"{"tag": "c"}"#])
        )
        #expect(try answer.json["test"]?["reason"]?.string == "bad_output", "\(answer.text)")
        #expect(try answer.json["test"]?["message"]?.string?.contains("metadata.tag") == true)
        let id = try #require(try answer.json["engine_id"]?.string)

        let retest = try await engines.post("/\(id)/test", ["config": ["tag": "a"]])
        #expect(try retest.json["status"]?.string == "test_passed", "\(retest.text)")

        let input = #"{"required": ["cluster_id"]}"#
        let strict = try await engines.send(EngineFixture.fields("schemas", "2", source, more: ["input_schema": input]))
        #expect(try strict.json["test"]?["reason"]?.string == "bad_input", "\(strict.text)")
        let sample = #"{"cluster_id": "c", "cluster_state": {}, "requirements": {}}"#
        let sampled = try await engines.send(
            EngineFixture.fields("schemas", "3", source, more: ["input_schema": input, "sample": sample])
        )
        #expect(try sampled.json["status"]?.string == "test_passed", "\(sampled.text)")
    }

    @Test("a Python engine is refused with the way out")
    func python() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let answer = try await engines.send(
            EngineFixture.fields("py", "1", "def decide(x): return {}", filename: "engine.py")
        )

        #expect(answer.status == 415)
        let error = try #require(try answer.json["error"])
        #expect(error["code"]?.string == "unsupported_media_type")
        #expect(error["field"]?.string == "file")
        #expect(error["message"]?.string?.contains("Lua 5.4") == true)
        #expect(error["hint"]?.string?.contains("docs/engines/custom-engines.md") == true)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let what: String
        var more: [String: String] = [:]
        var source = "function decide() return builtin() end"
        var filename = "engine.lua"
        let status: Int
        let field: String
        var testDescription: String { what }
    }

    static let bad: [Bad] = [
        .init(what: "a name with blanks", more: ["engine_name": "my engine"], status: 422, field: "engine_name"),
        .init(what: "a name that climbs", more: ["engine_name": "../x"], status: 422, field: "engine_name"),
        .init(what: "no version", more: ["engine_version": ""], status: 422, field: "engine_version"),
        .init(what: "an unknown type", more: ["engine_type": "magic"], status: 422, field: "engine_type"),
        .init(what: "a field too many", more: ["enginename": "x"], status: 422, field: "enginename"),
        .init(what: "config that is no JSON", more: ["config": "{"], status: 422, field: "config"),
        .init(what: "config that is no object", more: ["config": "[]"], status: 422, field: "config"),
        .init(
            what: "config against its schema",
            more: ["config": #"{"a": 1}"#, "config_schema": #"{"additionalProperties": false}"#],
            status: 422,
            field: "config.a"
        ),
        .init(
            what: "an unknown keyword",
            more: ["input_schema": #"{"$ref": "x"}"#],
            status: 422,
            field: #"input_schema.$ref"#
        ),
        .init(
            what: "an unknown type in a schema",
            more: ["output_schema": #"{"type": "money"}"#],
            status: 422,
            field: "output_schema.type"
        ),
        .init(what: "a sample that is no request", more: ["sample": "{}"], status: 422, field: "sample.cluster_state"),
        .init(what: "bytecode", source: "\u{1B}LuaT", status: 422, field: "file"),
        .init(what: "a zero byte", source: "x = 1\0", status: 422, field: "file"),
        .init(what: "an empty script", source: " ", status: 422, field: "file"),
        .init(what: "another suffix", filename: "engine.txt", status: 422, field: "file"),
        .init(
            what: "a script of 300 KiB",
            source: String(repeating: "-", count: 300 << 10),
            status: 413,
            field: "file"
        ),
    ]

    @Test("a bad upload is refused by field, and nothing is stored", arguments: bad)
    func badUpload(_ bad: Bad) async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let answer = try await engines.send(
            EngineFixture.fields("bad", "1", bad.source, more: bad.more, filename: bad.filename)
        )

        #expect(answer.status == bad.status, "\(answer.text)")
        #expect(try answer.json["error"]?["field"]?.string == bad.field, "\(answer.text)")
        #expect(try await engines.fleet.count("SELECT count(*) FROM decision_engines WHERE engine_name = 'bad'") == 0)
    }

    struct Body: Sendable, CustomTestStringConvertible {
        let what: String
        var type = "multipart/form-data; boundary=b"
        let body: String
        let status: Int
        var testDescription: String { what }
    }

    private static func part(_ name: String, _ value: String = "1") -> String {
        "--b\r\nContent-Disposition: form-data; name=\(name)\r\n\r\n\(value)\r\n"
    }

    static let bodies: [Body] = [
        .init(what: "JSON", type: "application/json", body: "{}", status: 415),
        .init(what: "another multipart", type: "multipart/mixed; boundary=b", body: "--b--\r\n", status: 415),
        .init(what: "no boundary", type: "multipart/form-data", body: "x", status: 400),
        .init(what: "an impossible boundary", type: "multipart/form-data; boundary=\"a{b\"", body: "x", status: 400),
        .init(
            what: "a boundary of 71 bytes",
            type: "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
            body: "x",
            status: 400
        ),
        .init(what: "another boundary", body: "--c--\r\n", status: 400),
        .init(what: "a form that breaks off", body: "--b\r\nContent-Disposition: form-data", status: 400),
        .init(what: "an empty body", body: "", status: 400),
        .init(what: "a form without parts", body: "--b--\r\n", status: 422),
        .init(what: "a part twice", body: part("a") + part("a") + "--b--\r\n", status: 422),
        .init(what: "forty parts", body: (0..<40).map { part("a\($0)") }.joined() + "--b--\r\n", status: 413),
        .init(
            what: "a field of 2 MiB",
            body: part("config", String(repeating: "x", count: 2 << 20)) + "--b--\r\n",
            status: 413
        ),
    ]

    @Test("a body that is no such form is refused", arguments: bodies)
    func badBody(_ bad: Body) async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let answer = try await engines.post("/upload", Array(bad.body.utf8), type: bad.type)

        #expect(answer.status == bad.status, "\(answer.text.prefix(300))")
        #expect(try answer.json["error"]?["hint"]?.string?.isEmpty == false)
    }

    @Test("only operators change engines; readers see them without the source")
    func scopes() async throws {
        let fleet = try Fleet.current
        let engines = try await EngineFixture(fleet)
        let id = try await engines.upload("scoped", "1", "function decide() return builtin() end")

        #expect(try await engines.send(EngineFixture.fields("x", "1", ""), key: fleet.key).status == 403)
        for (path, body) in [
            ("/select", ["engine_id": .string(id)]), ("/rollback", ["engine_type": "spot_optimize"]),
            ("/\(id)/test", [:]),
        ] as [(String, JSONValue)] {
            #expect(try await engines.post(path, body, key: fleet.key).status == 403, "\(path)")
        }
        #expect(try await fleet.get(EngineFixture.prefix + "/\(id)/differences").status == 403)
        let seen = try await fleet.get(EngineFixture.prefix + "/\(id)/metadata")
        #expect(seen.status == 200)
        #expect(try seen.json["source"] == nil)
        #expect(try await engines.get("/\(id)/metadata").json["source"]?.string?.contains("builtin()") == true)
        let job: JSONValue = ["kind": "test.engine", "payload": ["engine_id": .string(id)]]
        #expect(try await fleet.post("/api/v1/ml/jobs", job.text()).status == 422, "tests have a route of their own")
    }

    @Test("names, ids and modes that do not exist are told apart")
    func unknown() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let id = try await engines.upload("twice", "1", "function decide() return builtin() end")

        let again = try await engines.send(EngineFixture.fields("twice", "1", "x = 1"))
        #expect(again.status == 409)
        #expect(try again.json["error"]?["field"]?.string == "engine_version")
        #expect(try await engines.get("/not-an-id/metadata").status == 422)
        #expect(try await engines.get("/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e/metadata").status == 404)
        #expect(try await engines.get("/builtin-magic/metadata").status == 422)
        #expect(try await engines.get("/builtin-spot_optimize/metadata").status == 200)
        #expect(try await engines.select(id, mode: "loud").status == 422)
        #expect(try await engines.select("builtin-spot_optimize", config: ["a": 1]).status == 422)
        #expect(try await engines.select("builtin-spot_optimize", mode: "shadow").status == 422)
        #expect(try await engines.post("/rollback", ["engine_type": "magic"]).status == 422)
        #expect(try await engines.get("/list?mode=loud").status == 422)
        #expect(try await engines.get("/list?kind=x").status == 422)
        let shadows = try await engines.get("/list?mode=shadow&engine_type=spot_optimizer").json
        #expect(shadows["total"]?.integer == 0)
    }
}
