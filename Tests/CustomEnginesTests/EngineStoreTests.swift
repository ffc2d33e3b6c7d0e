import Contract
import CustomEngines
import Engines
import FoundationEssentials
import Logging
import Postgres
import Schema
import Scripts
import Support
import Testing

@Suite("Engines in the database")
struct EngineStoreTests {
    private func withStore(_ body: (EngineStore, PostgresPool) async throws -> Void) async throws {
        let configuration = try await PrivateServers.freshDatabase()
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        _ = try await SchemaCheck.migrate(configuration, logger: logger)
        let pool = try PostgresPool(configuration: configuration, size: 4, logger: logger)
        do {
            try await body(EngineStore(pool: pool), pool)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func upload(
        _ name: String = "veto",
        _ version: String = "1",
        type: DecisionType = .spotOptimize,
        source: String = "function decide() return builtin() end",
        config: JSONValue = [:]
    ) throws -> EngineUpload {
        try EngineUpload(
            name: name,
            version: version,
            type: type,
            source: Array(source.utf8),
            config: config,
            configSchema: nil,
            inputSchema: ["required": ["requirements"]],
            outputSchema: nil,
            sample: nil
        )
    }

    /// Stores an engine that has passed its test.
    private func tested(_ store: EngineStore, _ upload: EngineUpload) async throws -> EngineRecord {
        let record = try await store.add(upload, by: "key")
        try await store.noteTest(record.id, passed: true, config: record.engine.config, report: ["passed": true])
        return try await store.engine(record.id)
    }

    @Test("an engine comes back as it was uploaded, and does nothing")
    func roundTrip() async throws {
        try await withStore { store, _ async throws in
            let source = "-- ü 😀\nfunction decide() return builtin() end"
            let added = try await store.add(try upload(source: source, config: ["limit": 3]), by: "4f1c09d2ab77")
            let record = try await store.engine(added.id)

            #expect(record.engine.source == source)
            #expect(record.engine.sha256.count == 64)
            #expect(record.engine.config == ["limit": 3])
            #expect(record.engine.configVersion == 1)
            #expect(record.engine.inputSchema.json == ["required": ["requirements"]])
            #expect(record.uploadedBy == "4f1c09d2ab77")
            #expect(record.mode == .inactive)
            #expect(record.test == nil)
            #expect(try await store.running().isEmpty)
        }
    }

    @Test(
        "the request that stands in for a sample is one that every built-in engine takes",
        arguments: DecisionType.allCases
    )
    func standIn(_ type: DecisionType) async throws {
        try await withStore { store, _ async throws in
            guard let engine = DecisionEngines.engine(for: type) else { return }
            let record = try await store.add(try upload(type: type), by: "key")
            let request = try DecisionRequest(body: Array(record.sample.utf8), type: type)
            let question = try engine.init(request, defaults: EngineDefaults(region: "us-east-1"))

            let decision = try question.decide(
                in: RegionMarket(region: "us-east-1"),
                now: Timestamp(secondsSinceEpoch: 1_790_000_000)
            )
            #expect(decision.type == type)
        }
    }

    @Test("a version never changes: name and version are taken once")
    func taken() async throws {
        try await withStore { store, _ async throws in
            _ = try await store.add(try upload(), by: "key")

            await #expect(throws: EngineStoreError.taken) {
                _ = try await store.add(try self.upload(source: "x = 1"), by: "key")
            }
            _ = try await store.add(try upload("veto", "2"), by: "key")
            #expect(try await store.list().count == 2)
        }
    }

    @Test("nothing decides before it has passed its test with the very configuration it is to run with")
    func untested() async throws {
        try await withStore { store, _ async throws in
            let record = try await store.add(try upload(), by: "key")
            await #expect(throws: EngineStoreError.untested) {
                _ = try await store.select(record.id, mode: .active, config: nil, by: "key")
            }
            try await store.noteTest(record.id, passed: false, config: [:], report: ["passed": false])
            await #expect(throws: EngineStoreError.untested) {
                _ = try await store.select(record.id, mode: .shadow, config: nil, by: "key")
            }
            try await store.noteTest(record.id, passed: true, config: [:], report: ["passed": true])
            await #expect(throws: EngineStoreError.untested) {
                _ = try await store.select(record.id, mode: .active, config: ["a": 1], by: "key")
            }
            #expect(try await store.select(record.id, mode: .active, config: nil, by: "key").engine.mode == .active)
        }
    }

    @Test("one engine decides a type; the next one takes its place, and other types are left alone")
    func one() async throws {
        try await withStore { store, _ async throws in
            let first = try await tested(store, try upload("a"))
            let second = try await tested(store, try upload("b"))
            let other = try await tested(store, try upload("c", type: .binPack))
            for record in [first, other, second] {
                _ = try await store.select(record.id, mode: .active, config: nil, by: "key")
            }

            #expect(try await store.running().map(\.engine.name) == ["c", "b"])
            #expect(try await store.engine(first.id).mode == .inactive)
        }
    }

    @Test("activations that race leave one engine active and a history that adds up")
    func race() async throws {
        try await withStore { store, pool async throws in
            var ids: [UUID] = []
            for index in 0..<4 { ids.append(try await tested(store, try upload("e\(index)")).id) }
            try await withThrowingTaskGroup(of: Void.self) { [ids] group in
                for round in 0..<12 {
                    group.addTask {
                        _ = try await store.select(ids[round % 4], mode: .active, config: nil, by: "key")
                    }
                }
                try await group.waitForAll()
            }

            let running = try await store.running()
            #expect(running.count == 1)
            let history = try await store.activations(.spotOptimize)
            #expect(history.first?.engineID == running.first?.engine.id)
            // Whoever is active already is not activated again.
            for (after, before) in zip(history, history.dropFirst()) { #expect(after.engineID != before.engineID) }
            let orphans: Int64 = try await pool.query(
                """
                SELECT count(*) FROM engine_activation a LEFT JOIN engine_activation b
                    ON b.activation_id = (SELECT max(activation_id) FROM engine_activation WHERE activation_id < a.activation_id)
                WHERE a.replaces IS DISTINCT FROM b.activation_id
                """
            ).one().get(0)
            #expect(orphans == 0)
        }
    }

    @Test("a roll-back brings back engine and configuration, step by step to the built-in engine")
    func rollBack() async throws {
        try await withStore { store, _ async throws in
            let first = try await tested(store, try upload("a"))
            let second = try await tested(store, try upload("b"))
            _ = try await store.select(first.id, mode: .active, config: nil, by: "key")
            try await store.noteTest(first.id, passed: true, config: ["x": 1], report: [:])
            _ = try await store.select(first.id, mode: .active, config: ["x": 1], by: "key")
            let (_, previous) = try await store.select(second.id, mode: .active, config: nil, by: "key")
            #expect(previous == first.engine.id)

            let back = try await store.rollBack(.spotOptimize, by: "key")
            #expect(back?.id == first.id)
            #expect(back?.engine.config == ["x": 1])
            #expect(back?.engine.configVersion == 2)
            let further = try await store.rollBack(.spotOptimize, by: "key")
            #expect(further?.id == first.id)
            #expect(further?.engine.config == [:])
            #expect(try await store.rollBack(.spotOptimize, by: "key") == nil)
            #expect(try await store.running().isEmpty)
            await #expect(throws: EngineStoreError.nothingBefore) {
                _ = try await store.rollBack(.spotOptimize, by: "key")
            }
            await #expect(throws: EngineStoreError.nothingBefore) {
                _ = try await store.rollBack(.binPack, by: "key")
            }
            #expect(try await store.engine(first.id, configVersion: 2).config == ["x": 1])
        }
    }

    @Test("taking an active engine out of its place is an activation of the built-in one, and can be rolled back")
    func deactivated() async throws {
        try await withStore { store, _ async throws in
            let record = try await tested(store, try upload())
            _ = try await store.select(record.id, mode: .active, config: nil, by: "key")
            _ = try await store.select(record.id, mode: .shadow, config: nil, by: "key")

            #expect(try await store.activations(.spotOptimize).map(\.engineID) == [nil, record.engine.id])
            #expect(try await store.rollBack(.spotOptimize, by: "key")?.id == record.id)
            #expect(try await store.selectBuiltin(.spotOptimize, by: "key") == record.engine.id)
            #expect(try await store.selectBuiltin(.spotOptimize, by: "key") == nil)
            #expect(try await store.rollBack(.spotOptimize, by: "key")?.id == record.id)
        }
    }

    @Test("the report counts what shadows did; a decision made twice counts once; old comparisons go")
    func differences() async throws {
        try await withStore { store, pool async throws in
            let record = try await store.add(try upload(), by: "key")
            let given = Decision(type: .spotOptimize, recommendations: [["a": 1]], confidence: 1, engineVersion: "1")
            var tried = given
            tried.estimatedSavings = 12.5
            let results: [ShadowOutcome.Result] = [
                .compared(DecisionDifference(given: given, tried: given)),
                .compared(DecisionDifference(given: given, tried: tried)),
                .failed(ScriptFailure(.memoryLimit, "too much", line: 3)),
            ]
            for result in results {
                let execution = UUID()
                for _ in 0..<2 {
                    try await store.note(
                        ShadowOutcome(
                            engineID: record.id,
                            configVersion: 1,
                            execution: execution,
                            tenant: "acme",
                            cluster: nil,
                            result: result
                        )
                    )
                }
            }

            let report = try await store.differences(record.id, limit: 10)
            for (name, count) in [("total", 3), ("same", 1), ("different", 1), ("failed", 1)] as [(String, Int64)] {
                #expect(report[name]?.integer == count, "\(name)")
            }
            #expect(report["failed_by_reason"]?["memory_limit"]?.integer == 1)
            #expect(report["estimated_savings"]?["shadow"]?.number == 12.5)
            #expect(report["recent"]?.array?.count == 2)
            #expect(report["recent"]?[0]?["message"]?.string == "memory_limit at line 3: too much")

            _ = try await pool.query("UPDATE engine_difference SET compared_at = now() - interval '31 days'")
            try await store.sweepDifferences()
            #expect(try await store.differences(record.id, limit: 10)["total"]?.integer == 0)
        }
    }
}
