import Contract
import FoundationEssentials
import OracleSupport
import Testing

@Suite("Mutated dumps", .enabled(if: SharedData.isPresent, "needs ../shared"))
struct MutatedClusterTests {
    private static let replacements: [JSONValue] = [
        .null, true, 0, -1, 1e308, 9_223_372_036_854_775_807, "", "-5", "1e999", "Ready", [], [JSONValue.null],
        [:], ["name": "x"], ["": ["metadata": ["name": "y"]]], .string(String(repeating: "x", count: 5000)),
    ]

    @Test(
        "random changes of real dumps never trap, and only unreadable documents throw",
        arguments: [3, 9] as [UInt64]
    )
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let documents = try Self.documents()
        try #require(documents.count >= 15)
        var problems = 0
        for round in 0..<1500 {
            let (kind, document) = documents[round % documents.count]
            var mutant = document
            for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.mutate(&mutant, depth: 0, &generator) }
            let body: JSONValue = ["cluster_state": .object([kind: mutant])]
            let streamed = try DecisionRequest(body: body.bytes(), type: .binPack)
            let walked = try DecisionRequest(body, type: .binPack)
            // Items taken while parsing and items taken from the tree are the same.
            #expect(streamed.cluster == walked.cluster, "round \(round)")
            problems += streamed.cluster.problems.count
            let index = ClusterIndex(streamed.cluster)
            for pod in streamed.cluster.pods {
                #expect(pod.effectiveRequest.cpu >= 0 && pod.effectiveRequest.memory >= 0)
                _ = index.owner(of: pod)
            }
        }
        #expect(problems > 300)
    }

    @Test("random changes of real AWS descriptions never trap", arguments: [5] as [UInt64])
    func descriptions(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let root = try SharedData.url("ec2")
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted().filter {
            $0.hasSuffix(".json")
        }
        var problems = 0
        for round in 0..<1500 {
            var document = try JSONParser.parse(try SharedData.bytes("ec2/\(names[round % names.count])"))
            for _ in 0..<3 { Self.mutate(&document, depth: 0, &generator) }
            let reader = JSONReader(document)
            problems += EC2Instance.listing(reader).problems.count + EBSVolume.listing(reader).problems.count
            problems += EBSSnapshot.listing(reader).problems.count + ElasticAddress.listing(reader).problems.count
            problems += AutoScalingMember.listing(reader).problems.count
        }
        #expect(problems > 300)
    }

    /// The first items of every real dump: small enough to read thousands of times.
    private static func documents() throws -> [(String, JSONValue)] {
        let root = try SharedData.url("clusters")
        var found: [(String, JSONValue)] = []
        for cluster in try FileManager.default.contentsOfDirectory(atPath: root.path()).sorted() {
            let files =
                (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: cluster).path())) ?? []
            for file in files.sorted() where file.hasSuffix(".json") {
                let document = try JSONParser.parse(try SharedData.bytes("clusters/\(cluster)/\(file)"))
                let items = document["items"]?.array ?? [document]
                found.append((String(file.dropLast(5).prefix { $0 != "-" }), ["items": .array(Array(items.prefix(2)))]))
            }
        }
        return found
    }

    /// Walks down at random and changes what it finds there.
    private static func mutate(_ value: inout JSONValue, depth: Int, _ generator: inout SeededGenerator) {
        let stops = Int.random(in: 0..<8, using: &generator) == 0 && depth > 1
        switch value {
        case .array(var items) where !items.isEmpty && !stops:
            let index = items.indices.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: items.append(items[index])
            case 1: items.remove(at: index)
            case 2: items.insert(.null, at: index)
            default: mutate(&items[index], depth: depth + 1, &generator)
            }
            value = .array(items)
        case .object(var object) where !object.isEmpty && !stops:
            let key = object.keys.randomElement(using: &generator) ?? ""
            if Int.random(in: 0..<20, using: &generator) == 0 {
                object[key] = nil
            } else if var member = object[key] {
                mutate(&member, depth: depth + 1, &generator)
                object[key] = member
            }
            value = .object(object)
        default:
            value = replacements.randomElement(using: &generator) ?? .null
        }
    }
}
