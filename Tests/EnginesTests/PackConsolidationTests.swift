import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// The recorded clusters with what a constraint solver found for them: the cost is close to it, and the validator,
/// which knows nothing of the engine, accepts every plan.
@Suite("Packing on the recorded clusters", .enabled(if: SharedData.isPresent && PythonOracle.isPresent))
struct PackConsolidationTests {
    /// A quarter of the engine's own limit for these sizes, for the sake of a debug build.
    static let stepLimit: Int64 = 2_000_000

    static func folders() throws -> [String] {
        let root = try SharedData.url("packing/consolidation")
        return try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted()
    }

    static func request(_ folder: String, replacement: Bool) throws -> JSONValue {
        var state = JSONObject()
        for name in ["nodes", "pods", "pdbs"] {
            state[name] = try JSONParser.parse(try SharedData.bytes("packing/consolidation/\(folder)/\(name).json"))
        }
        let constraints: JSONObject = [
            "allow_replacement": .bool(replacement), "step_limit": .integer(stepLimit),
        ]
        return ["cluster_state": .object(state), "requirements": [:], "constraints": .object(constraints)]
    }

    /// Prices and types as the oracles read them.
    static func market() throws -> JSONValue {
        let list = try JSONParser.parse(try SharedData.bytes("on-demand/karpenter_us-east-1_2026-07.json"))
        let catalogue = try JSONParser.parse(try SharedData.bytes("instances/karpenter_catalogue_2026-08.json"))
        var types = JSONObject()
        for type in catalogue.object?.members ?? [] where type.key.contains("4xlarge") || type.key.contains("2xlarge") {
            guard let spec = Market.spec(type.key, type.value) else { continue }
            types[type.key] = [
                "cpu": .integer(Int64(spec.allocatableMillicores)),
                "memory": .integer(Int64(spec.allocatableMiB) << 20),
                "pods": .integer(Int64(spec.maximumPods)), "arch": .string(spec.architecture.rawValue),
                "vcpu": .integer(Int64(spec.vcpus)), "mib": .integer(Int64(spec.memoryMiB)),
            ]
        }
        return ["on_demand": list["prices"]?["us-east-1"] ?? [:], "spot": [:], "savings": [:], "types": .object(types)]
    }

    /// The specification's: at most 1 % above what the constraint solver found.
    static let tolerance = 1.01

    @Test("cost close to the solver's, every step valid", arguments: [false, true])
    func consolidation(replacement: Bool) async throws {
        let json = try Self.market()
        let market = try PackFixture.market(json)
        let clock = "2026-07-10T00:00:00Z"
        let now = try #require(Timestamp(clock))
        var answers: [JSONValue] = []
        for folder in try Self.folders() {
            let request = try Self.request(folder, replacement: replacement)
            let decision = try PackFixture.decide(request, market, now: now)
            answers.append([
                "request": request, "market": json, "now": .string(clock),
                "decision": PackFixture.reply(decision, now: now),
            ])
            let expected = try JSONParser.parse(try SharedData.bytes("packing/consolidation/\(folder)/expected.json"))
            let best = try #require(expected["best_hourly_cost"]?.number)
            let cost = try #require(decision.metadata["summary"]?["hourly_cost_after"]?.number)
            #expect(cost <= best * Self.tolerance, "\(folder): \(cost) against \(best)")
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "packing-recorded-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(JSONValue.array(answers).bytes()).write(to: file)
        let verdicts = try await PythonOracle.run("packing_validator.py", [file.path()])
        #expect(PackOracleTests.refusals(try #require(verdicts.array)).isEmpty)
    }
}
