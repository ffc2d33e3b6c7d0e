import Contract
import Engines
import FoundationEssentials
import Scripts
import Support
import Testing

/// Whatever the built-in engines say about recorded clusters, a script may pass on.
///
/// Skipped without the shared data folder.
@Suite("Scripts on recorded clusters", .enabled(if: SharedData.url("data/clusters") != nil))
struct RecordedClusterTests {
    static let root = SharedData.url("data/clusters")

    /// Every folder, whatever it is called.
    static let folders: [String] = {
        guard let root else { return [] }
        return ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).filter { !$0.contains(".") }
            .sorted()
    }()

    /// All of a folder's lists under the names of their files.
    private static func state(_ folder: String) throws -> JSONObject {
        var state = JSONObject()
        let path = (root ?? "") + "/" + folder
        for file in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where file.hasSuffix(".json") {
            guard let bytes = FileManager.default.contents(atPath: path + "/" + file) else { continue }
            state[String(file.dropLast(5))] = try JSONParser.parse([UInt8](bytes))
        }
        return state
    }

    @Test("a built-in decision comes back as it was", arguments: folders)
    func passedOn(_ folder: String) async throws {
        let body: JSONValue = [
            "cluster_state": .object(try Self.state(folder)), "requirements": ["ec2_instances": [], "volumes": []],
            "explain": "full",
        ]
        for type in DecisionType.allCases {
            guard let kind = DecisionEngines.engine(for: type) else { continue }
            let request = try DecisionRequest(body, type: type)
            // An engine that refuses a cluster without nodes, say, has nothing to pass on.
            guard let asked = try? kind.init(request, defaults: EngineDefaults(region: "us-east-1")),
                let builtin = try? asked.decide(in: ScriptBench.market, now: ScriptBench.now)
            else { continue }
            var engine = ScriptBench.engine("function decide(input) assert(input.cluster_state) return builtin() end")
            engine.type = type
            let question = try engine.question(
                request,
                builtin: builtin,
                market: ScriptBench.market,
                now: ScriptBench.now
            )
            let verdict = CustomVerdict(engine, try await ScriptBench.sandbox.run(question), builtin: builtin)

            let answer = try verdict.result.get()
            #expect(DecisionDifference(given: builtin, tried: answer).isSame, "\(type)")
            #expect(answer.rejected.json == builtin.rejected.json, "\(type)")
            #expect(answer.warnings == builtin.warnings, "\(type)")
        }
    }
}
