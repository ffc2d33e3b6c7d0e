import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite("Engines that users bring, over HTTP", .fleet(), .serialized)
struct EngineContractTests {
    /// Vetoes the types that its config names, and drains what the built-in plan would keep.
    static let veto = """
        function decide(input, config)
            local decision = builtin()
            local kept, rejected = list(), decision.rejected
            for _, item in ipairs(decision.recommendations) do
                local vetoed = false
                for _, name in ipairs(config.vetoed or {}) do
                    if item.instance_type == name then vetoed = true end
                end
                if vetoed then
                    rejected[#rejected + 1] = {candidate = item.instance_type, reason = "vetoed_by_policy"}
                    log("vetoed", item.instance_type)
                else
                    kept[#kept + 1] = item
                end
            end
            decision.recommendations = kept
            decision.execution_plan[#decision.execution_plan + 1] = {
                action = "terminate_instance", parameters = {instance_id = "i-1"}, requires_confirmation = false,
            }
            decision.execution_plan[#decision.execution_plan + 1] = {action = "notify_team"}
            decision.metadata.price = prices.on_demand(decision.recommendations[1].instance_type)
            return decision
        end
        """
    static let vetoSchema =
        #"{"type": "object", "properties": {"vetoed": {"type": "array", "items": {"type": "string"}, "maxItems": 5}}, "#
        + #""additionalProperties": false}"#

    @Test("from upload through test, activation, veto and replay to roll-back")
    func life() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let builtin = try await engines.decide()
        #expect(builtin.customEngine == nil)
        let first = try #require(builtin.types.first)

        // Uploaded: tested on the spot, in nobody's way.
        let answer = try await engines.send(
            EngineFixture.fields("veto", "1.0", Self.veto, more: ["config_schema": Self.vetoSchema])
        )
        #expect(answer.status == 201, "\(answer.text)")
        let uploaded = try answer.json
        let id = try #require(uploaded["engine_id"]?.string)
        #expect(answer.headers["location"] == "/api/v1/ml/engines/\(id)/metadata")
        #expect(uploaded["status"]?.string == "test_passed")
        #expect(uploaded["engine_type"]?.string == "spot_optimize")
        #expect(uploaded["mode"]?.string == "inactive")
        #expect(uploaded["test"]?["decision"]?["recommendations"]?.array?.isEmpty == false)
        let again = try await engines.decide()
        #expect(again == builtin.withTime(of: again))

        let listed = try await engines.get("/list").json
        let entry = try #require(listed["engines"]?.array?.first { $0["engine_id"]?.string == id })
        #expect(entry["sha256"]?.string?.count == 64)
        let own = try #require(listed["engines"]?.array?.first { $0["engine_id"]?.string == "builtin-spot_optimize" })
        #expect(own["active"]?.bool == true)
        #expect(own["engine_version"]?.string == builtin["engine_version"]?.string)
        #expect(own["config_schema"]?["type"]?.string == "object")

        // Activated with a configuration of its own: tested with that first.
        let wrong = try await engines.select(id, config: ["vetoed": "m5.large"])
        #expect(wrong.status == 422)
        #expect(try wrong.json["error"]?["field"]?.string == "config.vetoed")
        let config: JSONValue = ["vetoed": [.string(first)]]
        let selected = try await engines.select(id, config: config)
        #expect(selected.status == 200, "\(selected.text)")
        #expect(try selected.json["status"]?.string == "active")
        #expect(try selected.json["config_version"]?.integer == 2)
        #expect(try selected.json["previous_active"]?.string == "builtin-spot_optimize")

        // It vetoes.
        let vetoed = try await engines.decision { $0.customEngine != nil }
        #expect(vetoed.customEngine?["engine_id"]?.string == id)
        #expect(vetoed.customEngine?["engine_version"]?.string == "1.0")
        #expect(vetoed.customEngine?["sha256"] == uploaded["sha256"])
        #expect(vetoed.customEngine?["config_version"]?.integer == 2)
        #expect(vetoed.customEngine?["outcome"]?.string == "answered")
        #expect(vetoed.types == builtin.types.filter { $0 != first })
        #expect(vetoed["metadata"]?["rejected"]?["by_reason"]?["vetoed_by_policy"]?.integer == 1)
        #expect(vetoed["uses_fallback"] == builtin["uses_fallback"])
        #expect(vetoed["metadata"]?["usd_figures"]?["estimated_savings"]?.string == "built_in")
        #expect(vetoed["metadata"]?["usd_figures"]?["recommendations"]?.string == "built_in")
        #expect(vetoed["data_sources"]?.array?.last?["kind"]?.string == "custom_engine")

        // Whatever it destroys must be confirmed; telling somebody need not.
        let plan = try #require(vetoed["execution_plan"]?.array)
        let terminate = try #require(plan.first { $0["action"]?.string == "terminate_instance" })
        #expect(terminate["requires_confirmation"]?.bool == true)
        #expect(plan.last?["action"]?.string == "notify_team")
        #expect(plan.last?["requires_confirmation"]?.bool == false)

        // The log knows, and a replay comes to the same decision with the same engine.
        try await Self.expectReplay(engines, engine: id)

        // The next version, then back, with the configuration of then; and back again.
        let next = try await engines.upload("veto", "1.1", Self.veto)
        #expect(try await engines.select(next).json["previous_active"]?.string == id)
        _ = try await engines.decision { $0.customEngine?["engine_id"]?.string == next }
        let back = try await engines.post("/rollback", ["engine_type": "spot_optimizer"])
        #expect(back.status == 200, "\(back.text)")
        #expect(try back.json["engine_id"]?.string == id)
        #expect(try back.json["config"] == config)
        _ = try await engines.decision { $0.customEngine?["engine_id"]?.string == id }
        let first2 = try await engines.post("/rollback", ["engine_type": "spot_optimizer"])
        #expect(try first2.json["engine_id"]?.string == "builtin-spot_optimize")
        let last = try await engines.decision { $0.customEngine == nil }
        #expect(last == builtin.withTime(of: last))
        #expect(try await engines.post("/rollback", ["engine_type": "spot_optimizer"]).status == 409)

        let history = try #require(try await engines.get("/\(id)/metadata").json["activations"]?.array)
        #expect(history.count == 4)
        #expect(history.map { $0["rollback"]?.bool } == [true, true, false, false])
    }

    private static func expectReplay(_ engines: EngineFixture, engine: String) async throws {
        let log = try await engines.fleet.get("/api/v1/ml/decisions/history?limit=1").json
        let entry = try #require(log["decisions"]?.array?.first)
        #expect(entry["provenance"]?["custom_engine"]?["engine_id"]?.string == engine)
        for (id, isOurs) in [(engine, true), ("builtin-spot_optimize", false)] {
            let path = "/api/v1/ml/decisions/history?limit=500&engine_id=\(id)"
            let entries = try #require(try await engines.fleet.get(path).json["decisions"]?.array)
            #expect(entries.contains(entry))
            if isOurs {
                #expect(entries.allSatisfy { $0["provenance"]?["custom_engine"]?["engine_id"]?.string == id })
            }
        }
        let execution = try #require(entry["execution_id"]?.string)
        let replay = try await engines.fleet.post("/api/v1/ml/decision/spot-optimize/replay/\(execution)", "{}")
        #expect(replay.status == 200, "\(replay.text)")
        #expect(try replay.json["identical"]?.bool == true, "\(replay.text)")
    }

    /// Does what the request's metadata says: for what goes wrong on live requests only.
    static let moody = """
        function decide(input)
            local mood = input.metadata.mood
            if mood == "loop" then while true do end end
            if mood == "find" then string.find(("a"):rep(40000), (".-"):rep(30) .. "b") end
            if mood == "memory" then local t = {} while true do t[#t + 1] = {#t} end end
            if mood == "os" then os.exit(1) end
            if mood == "error" then error("I do not like this cluster") end
            local decision = builtin()
            if mood == "confidence" then decision.confidence_score = 1.5 end
            if mood == "typo" then decision.recomendations = decision.recommendations end
            if mood == "nameless" then decision.recommendations = {{monthly_cost = 1}} end
            if mood == "cheap" then decision.recommendations[1].monthly_cost = 0.01 decision.estimated_savings = 1e6 end
            if mood == "sure" then decision.data_quality_score = 1 decision.warnings = {} decision.uses_fallback = false end
            return decision
        end
        """

    static let moods = [
        ("loop", "instruction_limit", "at line 3"), ("find", "deadline", "processor time"),
        ("memory", "memory_limit", "MiB of memory"), ("os", "sandbox_violation", "at line 6"),
        ("error", "script_error", "I do not like this cluster"), ("confidence", "bad_output", "confidence_score"),
        ("typo", "bad_output", "recomendations"), ("nameless", "bad_output", "instance_type"),
    ]

    @Test("a script that fails on a live request costs nothing but itself: the built-in answer comes, flagged")
    func fallback() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let id = try await engines.upload("moody", "1", Self.moody)
        let builtin = try await engines.decide()
        #expect(try await engines.select(id).status == 200)
        _ = try await engines.decision { $0.customEngine?["outcome"]?.string == "answered" }

        for (mood, reason, says) in Self.moods {
            let decision = try await engines.decide(["mood": .string(mood)])
            #expect(decision.customEngine?["outcome"]?.string == reason, "\(mood)")
            #expect(decision.customEngine?["engine_id"]?.string == id)
            #expect(decision["uses_fallback"]?.bool == true)
            #expect(decision.warnings.contains("moody 1 failed (\(reason)"), "\(decision.warnings)")
            #expect(decision.warnings.contains(says), "\(decision.warnings)")
            #expect(decision["recommendations"] == builtin["recommendations"])
            #expect(decision["engine_version"] == builtin["engine_version"])
        }

        // Figures of its own are marked as its own, and it cannot make doubtful data better.
        let cheap = try await engines.decide(["mood": "cheap"])
        #expect(cheap["recommendations"]?.array?.first?["figures_from"]?.string == "custom engine moody 1")
        #expect(cheap["metadata"]?["usd_figures"]?["estimated_savings"]?.string == "custom_engine")
        let sure = try await engines.decide(["mood": "sure"])
        #expect(sure["data_quality_score"] == builtin["data_quality_score"])
        #expect(sure.warnings == builtin.warnings)

        #expect(try await engines.select("builtin-spot_optimize").json["previous_active"]?.string == id)
        _ = try await engines.decision { $0.customEngine == nil }
    }

    @Test("a shadow answers beside, changes nothing, and its report tells where it differs")
    func shadow() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let builtin = try await engines.decide()
        let id = try await engines.upload("shade", "1", Self.moody)
        let selected = try await engines.select(id, mode: "shadow")
        #expect(try selected.json["mode"]?.string == "shadow", "\(selected.text)")

        for mood in ["", "cheap", "error"] {
            // One by one: a shadow that finds no place is left out.
            let before = try await engines.get("/\(id)/differences").json["total"]?.integer ?? -1
            try await Condition.holds(within: .seconds(20)) {
                let decision = try await engines.decide(mood.isEmpty ? [:] : ["mood": .string(mood)])
                #expect(decision.customEngine == nil)
                #expect(decision["recommendations"] == builtin["recommendations"])
                for _ in 0..<10 {
                    let total = try await engines.get("/\(id)/differences").json["total"]?.integer ?? -1
                    if total > before { return true }
                    try await Task.sleep(for: .milliseconds(50))
                }
                return false
            }
        }

        let report = try await engines.get("/\(id)/differences").json
        #expect(report["same"]?.integer ?? 0 >= 1, "\(report)")
        #expect(report["different"]?.integer ?? 0 >= 1)
        #expect(report["failed_by_reason"]?["script_error"]?.integer ?? 0 >= 1)
        let different = try #require(report["recent"]?.array?.first { $0["outcome"]?.string == "different" })
        #expect(different["cluster_id"]?.string == "c-1")
        #expect(different["tenant"]?.string == "acme")
        #expect(different["difference"]?["recommendations"]?["only_shadow"]?.integer == 1)
        #expect(different["difference"]?["recommendations"]?["only_given"]?.integer == 1)
        #expect(different["difference"]?["estimated_savings"]?["shadow"]?.number == 1e6)
        let failed = try #require(report["recent"]?.array?.first { $0["outcome"]?.string == "failed" })
        #expect(failed["message"]?.string?.contains("I do not like this cluster") == true)

        #expect(try await engines.select(id, mode: "inactive").json["mode"]?.string == "inactive")
    }

    /// The first fenced block of the guide in this language.
    private static func example(_ language: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = root.appendingPathComponent("docs/engines/custom-engines.md")
        let text = try String(contentsOf: guide, encoding: .utf8)
        let block = text.components(separatedBy: "```\(language)\n").dropFirst().first
        return try #require(block?.components(separatedBy: "\n```").first)
    }

    @Test("the guide's example, copied into a shell, uploads an engine that passes")
    func guide() async throws {
        let engines = try await EngineFixture(try Fleet.current)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appendingPathComponent("audited.lua")
        try Self.example("lua").write(to: script, atomically: true, encoding: .utf8)
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-euo", "pipefail", "-c", try Self.example("sh")]
        bash.environment = ["PATH": "/usr/bin:/bin", "URL": engines.fleet.base, "KEY": engines.key]
        bash.currentDirectoryURL = folder
        let output = Pipe()
        (bash.standardOutput, bash.standardError) = (output, FileHandle.standardError)
        try bash.run()
        let reply = try JSONParser.parse(Array(output.fileHandleForReading.readDataToEndOfFile()))
        bash.waitUntilExit()

        #expect(bash.terminationStatus == 0)
        #expect(reply["status"]?.string == "test_passed", "\(reply.text())")
        for item in reply["test"]?["decision"]?["recommendations"]?.array ?? [] {
            let family = item["instance_type"]?.string?.prefix { $0 != "." }
            #expect(family == "m5" || family == "c5")
        }
    }
}

extension JSONValue {
    /// The same with the other's time of computation.
    fileprivate func withTime(of other: JSONValue) -> JSONValue {
        guard var object else { return self }
        object["processing_time_ms"] = other["processing_time_ms"]
        return .object(object)
    }
}
