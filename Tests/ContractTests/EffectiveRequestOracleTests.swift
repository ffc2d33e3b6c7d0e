import Contract
import FoundationEssentials
import OracleSupport
import Testing

@Suite("Effective requests", .enabled(if: PythonOracle.isPresent, "needs python3"))
struct EffectiveRequestOracleTests {
    @Test(
        "two thousand random pods ask for exactly what a play of their start asks for",
        arguments: [11, 47] as [UInt64]
    )
    func random(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let pods = (0..<1000).map { RandomPod.make("p\($0)", using: &generator) }
        let document: JSONValue = ["kind": "List", "items": .array(pods)]
        let file = FileManager.default.temporaryDirectory.appending(path: "pods-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(document.bytes()).write(to: file)
        let expected = try #require(try await PythonOracle.run("cluster_facts.py", ["requests", file.path()]).array)
        let state = try ClusterState(kubectl: document.bytes())
        #expect(state.problems.isEmpty)
        try #require(state.pods.count == expected.count)
        for (pod, wanted) in zip(state.pods, expected) {
            let request = pod.effectiveRequest
            let extended = request.extended.map { JSONValue.array([.string($0.key), .integer($0.value)]) }
            let ours: JSONValue = [
                .integer(request.cpu), .integer(request.memory), .integer(request.ephemeralStorage), .array(extended),
            ]
            #expect(ours == wanted, "\(pod.name)")
        }
    }
}

/// Pods with every combination of requests, limits, init containers, sidecars, own resources and overhead.
enum RandomPod {
    private static let amounts: [String: [JSONValue]] = [
        "cpu": ["100m", "0.25", 1, "2", "0", "1500u", "7n", 0.1, "2e3", "3k"],
        "memory": ["64Mi", "1Gi", 1048576, "100M", "0", "1.5Gi", "129e6", "100m", "2Ki"],
        "ephemeral-storage": ["1Gi", "500M", 0],
        "nvidia.com/gpu": [1, "2", 0],
        "hugepages-2Mi": ["4Mi", "0", "128Mi"],
    ]

    static func make(_ name: String, using generator: inout SeededGenerator) -> JSONValue {
        var spec: JSONObject = ["containers": containers(1...3, sidecars: false, &generator)]
        if Bool.random(using: &generator) { spec["initContainers"] = containers(0...4, sidecars: true, &generator) }
        if Int.random(in: 0..<4, using: &generator) == 0 { spec["resources"] = resources(&generator) }
        if Int.random(in: 0..<4, using: &generator) == 0 { spec["overhead"] = list(&generator) }
        return ["kind": "Pod", "metadata": ["name": .string(name)], "spec": .object(spec)]
    }

    private static func containers(
        _ counts: ClosedRange<Int>,
        sidecars: Bool,
        _ generator: inout SeededGenerator
    ) -> JSONValue {
        var list: [JSONValue] = []
        for index in 0..<Int.random(in: counts, using: &generator) {
            var container: JSONObject = ["name": .string("c\(index)")]
            if Int.random(in: 0..<8, using: &generator) > 0 { container["resources"] = resources(&generator) }
            if sidecars, Bool.random(using: &generator) { container["restartPolicy"] = "Always" }
            list.append(.object(container))
        }
        return .array(list)
    }

    private static func resources(_ generator: inout SeededGenerator) -> JSONValue {
        var resources = JSONObject()
        if Int.random(in: 0..<5, using: &generator) > 0 { resources["requests"] = list(&generator) }
        if Bool.random(using: &generator) { resources["limits"] = list(&generator) }
        return .object(resources)
    }

    private static func list(_ generator: inout SeededGenerator) -> JSONValue {
        var list = JSONObject()
        for name in amounts.keys.sorted() where Bool.random(using: &generator) {
            list[name] = amounts[name]?.randomElement(using: &generator)
        }
        return .object(list)
    }
}
