import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// Random small clusters: every plan goes through the independent validator, and its cost is compared with a plain greedy
/// and, where they can be looked at, with all final states there are.
///
/// `./test --soak packing` looks at 6,000 other clusters, and 1,000 with replacements.
@Suite("Packing against the oracles", .enabled(if: PythonOracle.isPresent))
struct PackOracleTests {
    private static let environment = ProcessInfo.processInfo.environment
    static let isLong = environment["CLOUDOPTIM_SOAK"] == "packing"
    /// Clusters of one batch; the oracle looks at all states of most of them.
    static let batch = isLong ? 500 : 60
    static let seeds: Range<Int> = {
        guard isLong else { return 1..<6 }
        let first = 100 + (environment["CLOUDOPTIM_SOAK_SEED"].flatMap { Int($0) } ?? 0) % 1_000_000 * 16
        return first..<first + 12
    }()
    /// Keeps a debug build fast; the answers need no more on clusters of this size.
    static let stepLimit: Int64 = 20_000

    struct Outcome {
        var file: URL
        var decisions: [JSONValue] = []
        var verdicts: [JSONValue] = []
    }

    func run(_ seed: Int, count: Int, _ words: [String] = []) async throws -> (cases: URL, outcome: Outcome) {
        let cases = try await PythonOracle.run("packing_clusters.py", ["\(seed)", "\(count)"] + words)
        var answers: [JSONValue] = []
        for item in try #require(cases.array) {
            let request = PackFixture.with(try #require(item["request"]), "step_limit", .integer(Self.stepLimit))
            let now = try #require(item["now"]?.string.flatMap { Timestamp($0) })
            let market = try PackFixture.market(try #require(item["market"]))
            let decision = try PackFixture.decide(request, market, now: now)
            answers.append([
                "request": request, "market": item["market"] ?? .null, "now": item["now"] ?? .null,
                "decision": PackFixture.reply(decision, now: now),
            ])
        }
        let folder = FileManager.default.temporaryDirectory
        let input = folder.appending(path: "packing-cases-\(UUID().uuidString).json")
        let output = folder.appending(path: "packing-answers-\(UUID().uuidString).json")
        try Data(cases.bytes()).write(to: input)
        try Data(JSONValue.array(answers).bytes()).write(to: output)
        let verdicts = try await PythonOracle.run("packing_validator.py", [output.path()])
        return (input, Outcome(file: output, decisions: answers, verdicts: try #require(verdicts.array)))
    }

    static func refusals(_ verdicts: [JSONValue]) -> [String] {
        verdicts.enumerated().compactMap { number, verdict in verdict["refused"]?.string.map { "\(number): \($0)" } }
    }

    @Test("no plan is refused, none costs more than the greedy's, nearly all the least possible", arguments: seeds)
    func plain(seed: Int) async throws {
        let (cases, outcome) = try await run(seed, count: Self.batch, ["plain"])
        defer { for file in [cases, outcome.file] { try? FileManager.default.removeItem(at: file) } }
        let refusals = Self.refusals(outcome.verdicts)
        #expect(refusals.isEmpty, "\(refusals.prefix(5))")

        let reference = try await PythonOracle.run("packing_reference.py", [cases.path(), "2000"])
        var dearer: [String] = []
        var compared = 0
        var solved = 0
        var optimal = 0
        for (number, row) in try #require(reference.array).enumerated() {
            guard let cost = outcome.verdicts[number]["cost"]?.number, let greedy = row["greedy"]?.number else {
                continue
            }
            let unplaced = outcome.decisions[number]["decision"]?["metadata"]?["unplaced_pending_pods"]?.array ?? []
            guard unplaced.compactMap(\.string).sorted() == row["unplaced"]?.array?.compactMap(\.string) else {
                continue
            }
            compared += 1
            if cost > greedy + 1e-9 { dearer.append("cluster \(number): \(cost) against \(greedy)") }
            guard let best = row["best"]?.number else { continue }
            solved += 1
            if cost <= best + 1e-9 { optimal += 1 }
        }
        #expect(dearer.isEmpty, "\(dearer)")
        #expect(compared > Self.batch * 9 / 10)
        #expect(solved > Self.batch / 2)
        #expect(Double(optimal) >= 0.95 * Double(solved), "\(optimal) of \(solved)")
        if Self.isLong { print("soak packing: seed \(seed): \(optimal) of \(solved) optimal, \(compared) compared") }
    }

    @Test("a waiting pod comes where the first cordon makes an even spread possible")
    func cordonMakesRoom() async throws {
        let (cases, outcome) = try await run(4, count: 1, ["plain", "from=513"])
        defer { for file in [cases, outcome.file] { try? FileManager.default.removeItem(at: file) } }
        #expect(Self.refusals(outcome.verdicts).isEmpty)
    }

    @Test("a pod that goes where a spread does not count may not leave the rest uneven")
    func uncountedTarget() async throws {
        let (cases, outcome) = try await run(120, count: 1, ["plain", "from=306"])
        defer { for file in [cases, outcome.file] { try? FileManager.default.removeItem(at: file) } }
        #expect(Self.refusals(outcome.verdicts).isEmpty)
    }

    @Test("plans with a replacement are valid too, and spoilt plans are noticed")
    func replacements() async throws {
        let (cases, outcome) = try await run(Self.isLong ? Self.seeds.upperBound : 77, count: Self.isLong ? 1000 : 200)
        defer { for file in [cases, outcome.file] { try? FileManager.default.removeItem(at: file) } }
        let refusals = Self.refusals(outcome.verdicts)
        #expect(refusals.isEmpty, "\(refusals.prefix(5))")
        let used = outcome.decisions.count { $0["decision"]?["metadata"]?["replacement"]?.isNull == false }
        #expect(used > 3)

        let spoilt = try await PythonOracle.run("packing_mutations.py", [outcome.file.path()])
        let accepted = try #require(spoilt["accepted"]?.array)
        #expect(accepted.isEmpty, "\(accepted)")
        #expect((spoilt["counts"]?.object?.count ?? 0) >= 20)
    }
}
