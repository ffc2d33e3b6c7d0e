import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// Recorded clusters.
///
/// Skipped without the shared data folder.
@Suite("OOMKilled remediation on recorded clusters", .enabled(if: SharedData.isPresent))
struct OOMDumpTests {
    /// Every folder with a list of pods, whatever it is called.
    static let folders: [String] = {
        guard let root = SharedData.root else { return [] }
        let clusters = root.appending(path: "data").appending(path: "clusters")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: clusters.path())) ?? []
        return names.sorted().filter {
            FileManager.default.fileExists(atPath: clusters.appending(path: $0).appending(path: "pods.json").path())
        }
    }()

    struct Dump {
        var pods: JSONValue
        var state: JSONObject
        /// The latest end of any container: a clock at which nothing is too old.
        var latest: Timestamp
    }

    static func dump(_ folder: String) throws -> Dump {
        let pods = try JSONParser.parse(try SharedData.bytes("clusters/\(folder)/pods.json"))
        var state = JSONObject()
        state["pods"] = pods
        for part in ["events", "replicasets", "deployments", "nodes"] {
            if let bytes = try? SharedData.bytes("clusters/\(folder)/\(part).json") {
                state[part] = try JSONParser.parse(bytes)
            }
        }
        var latest = Timestamp(milliseconds: 0)
        for (_, _, state) in ends(pods) {
            if let at = state["finishedAt"]?.string.flatMap({ Timestamp($0) }) { latest = max(latest, at) }
        }
        return Dump(pods: pods, state: state, latest: latest)
    }

    /// Read straight from the document: namespace/pod, container, terminated state.
    static func ends(_ pods: JSONValue) -> [(String, String, JSONValue)] {
        (pods["items"]?.array ?? []).flatMap { pod -> [(String, String, JSONValue)] in
            let name = "\(pod["metadata"]?["namespace"]?.string ?? "")/\(pod["metadata"]?["name"]?.string ?? "")"
            return ["containerStatuses", "initContainerStatuses"].flatMap { list in
                (pod["status"]?[list]?.array ?? []).flatMap { status in
                    ["state", "lastState"].compactMap { part in
                        status[part]?["terminated"].map { (name, status["name"]?.string ?? "", $0) }
                    }
                }
            }
        }
    }

    static func decide(_ dump: Dump, now: Timestamp) throws -> Decision {
        var document = JSONObject()
        document["cluster_state"] = .object(dump.state)
        document["requirements"] = [:]
        let request = try DecisionRequest(body: JSONValue.object(document).bytes(), type: .oomkilledRemediate)
        let engine = try OOMRemediator(request, defaults: .init(region: "us-east-1"))
        return try engine.decide(in: try Sizing.market(), now: now)
    }

    @Test("exactly the containers whose reason is OOMKilled are flagged", arguments: folders)
    func flagged(folder: String) throws {
        let dump = try Self.dump(folder)
        let decision = try Self.decide(dump, now: dump.latest)
        let expected = Set(
            Self.ends(dump.pods).filter { $0.2["reason"] == "OOMKilled" }.map { "\($0.0)/\($0.1)" }
        )
        var found: Set<String> = []
        for item in decision.recommendations {
            for event in item["history"]?.array ?? [] {
                let pod = "\(item["namespace"]?.string ?? "")/\(event["pod"]?.string ?? "")"
                found.insert("\(pod)/\(item["container"]?.string ?? "")")
            }
        }
        #expect(found == expected)
        // Whatever else ended with 137 or 143 is never changed.
        let others = Self.ends(dump.pods).filter { $0.2["reason"] != "OOMKilled" }
        for step in decision.plan {
            for name in step.parameters["containers"]?.array ?? [] {
                #expect(
                    !others.contains {
                        name.string?.hasSuffix("/" + $0.1) == true && !expected.contains("\($0.0)/\($0.1)")
                    }
                )
            }
        }
        let killed = others.filter { $0.2["exitCode"] == 137 }
        let recent = killed.filter {
            guard let at = $0.2["finishedAt"]?.string.flatMap({ Timestamp($0) }) else { return true }
            return at >= dump.latest.adding(hours: -24)
        }
        #expect(decision.rejected.all.count { $0.reason == "sigkill_is_no_memory_kill" } == recent.count)
    }

    @Test("the recorded kill at 100 MiB becomes 200 MiB, by the step of 100 MiB and by the cap")
    func troubleshoot() throws {
        let dump = try Self.dump("oomkilled-pod")
        let decision = try Self.decide(dump, now: dump.latest.adding(hours: 1))
        let item = try #require(decision.first)
        #expect(decision.recommendations.count == 1)
        #expect(item["current_memory_mb"] == 100)
        #expect(item["recommended_memory_mb"] == 200)
        #expect(item["action"] == "update_memory_limit")
        #expect(item["owner_kind"] == "Job")
        #expect(item["patch_obstacle"] == "job_template_is_immutable")
        // Years later the pod is still down, but nothing happens by itself.
        let late = try Self.decide(dump, now: Sizing.now)
        #expect(late.first?["recommended_memory_mb"] == 200)
        #expect(late.first?["action"] == "manual_review")
    }
}
