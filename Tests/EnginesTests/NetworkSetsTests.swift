import Contract
import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// Whole plans, checked by a script that shares nothing with the server.
@Suite("Network plans against the validator", .enabled(if: PythonOracle.isPresent))
struct NetworkSetsTests {
    struct Case {
        var set: JSONValue
        var decision: Decision
        var maximumMoves: Int?
        var brute = false
    }

    static func verdicts(_ cases: [Case]) async throws -> [JSONValue] {
        let list: [JSONValue] = cases.map { one in
            var moves = JSONObject()
            // The small form has no namespaces: the reader puts such pods into the default one.
            for (pod, zone) in Network.moves(one.decision).sorted(by: { $0.key < $1.key }) {
                moves[pod.split(separator: "/").last.map(String.init) ?? pod] = .string(zone)
            }
            return [
                "set": one.set, "moves": .object(moves), "brute": .bool(one.brute),
                "max_moves": one.maximumMoves.map { .integer(Int64($0)) } ?? .null,
            ]
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "network-\(UUID().uuidString).json")
        try Data(JSONValue.object(["cases": .array(list)]).bytes()).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try #require(try await PythonOracle.run("network_validator.py", [file.path()]).array)
    }

    static func figure(_ decision: Decision, _ name: String) throws -> Double {
        try #require(decision.metadata[name]?.number)
    }

    /// What must hold of every plan.
    static func check(_ one: Case, _ verdict: JSONValue, _ note: String) throws {
        #expect(verdict["faults"]?.array?.isEmpty == true, "\(note): \(verdict["faults"]?.text() ?? "")")
        let now = try #require(verdict["now"]?.number)
        let after = try #require(verdict["after"]?.number)
        #expect(after <= now + 1e-9, "\(note): worse than today")
        #expect(abs(try figure(one.decision, "cross_zone_daily_gb_now") - now) < 1e-6, "\(note)")
        #expect(abs(try figure(one.decision, "cross_zone_daily_gb_after") - after) < 1e-6, "\(note)")
        let saved = try #require(verdict["usd_now"]?.number) - #require(verdict["usd_after"]?.number)
        #expect(abs(one.decision.estimatedSavings - saved) < 1e-6, "\(note)")
    }

    @Test("the recorded sets are placed within one percent of the best known", .enabled(if: SharedData.isPresent))
    func recorded() async throws {
        let expected = try JSONParser.parse(try SharedData.bytes("packing/network/expected.json"))
        var cases: [Case] = []
        let names = try #require(expected.object?.keys)
        for name in names {
            let set = try JSONParser.parse(try SharedData.bytes("packing/network/\(name)"))
            let body = Network.body(ofSet: set, levers: ["placement"], requirements: ["time_budget_ms": 300])
            cases.append(Case(set: set, decision: try Network.decide(body)))
        }
        let verdicts = try await Self.verdicts(cases)
        for (name, (one, verdict)) in zip(names, zip(cases, verdicts)) {
            try Self.check(one, verdict, name)
            let best = try #require(expected[name]?["best_known_cross_zone_daily_gb"]?.number)
            let after = try #require(verdict["after"]?.number)
            // The recorded figures are rounded to a millionth of the whole.
            #expect(after <= best * 1.01, "\(name): \(after) against \(best)")
            let bound = try #require(one.decision.metadata["search"]?["lower_bound_daily_gb"]?.number)
            #expect(bound <= best * 1.0001, "\(name): a bound above a known placement")
            #expect(try Self.figure(one.decision, "monthly_cost_now") == expected[name]?["monthly_usd_now"]?.number)
        }
    }

    /// A set of the recorded kind.
    static func random(_ random: inout SeededGenerator, pods: ClosedRange<Int>) -> JSONValue {
        let zones = Array(Network.zones.prefix(Int.random(in: 2...3, using: &random)))
        let most = Int.random(in: pods, using: &random)
        var services: [JSONValue] = []
        var list: [(name: String, service: String, zone: String, cpu: Int)] = []
        while list.count < most {
            let name = "svc-\(services.count)"
            let replicas = min(most - list.count, [1, 1, 1, 2, 3].randomElement(using: &random) ?? 1)
            let cpu = [100, 250, 500, 1000].randomElement(using: &random) ?? 100
            services.append([
                "name": .string(name), "replicas": .integer(Int64(replicas)), "cpu_milli": .integer(Int64(cpu)),
                "movable": .bool(Int.random(in: 0..<8, using: &random) > 0),
            ])
            for replica in 0..<replicas {
                let zone = zones.randomElement(using: &random) ?? zones[0]
                list.append(("\(name)-\(replica)", name, zone, cpu))
            }
        }
        var traffic: [JSONValue] = []
        for first in list.indices {
            for second in list.indices where first < second && list[first].service != list[second].service {
                guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
                traffic.append([
                    "pod_a": .string(list[first].name), "pod_b": .string(list[second].name),
                    "az_a": .string(list[first].zone), "az_b": .string(list[second].zone),
                    "daily_gb": .double(Double(Int.random(in: 11_000...300_000, using: &random)) / 1000),
                ])
            }
        }
        let loads = zones.map { zone in list.reduce(0) { $0 + ($1.zone == zone ? $1.cpu : 0) } }
        let capacity = (loads.max() ?? 0) + Int.random(in: 0...4, using: &random) * 150
        return [
            "zones": .array(zones.map { .string($0) }), "zone_cpu_milli_capacity": .integer(Int64(capacity)),
            "services": .array(services),
            "pods": .array(
                list.map { ["name": .string($0.name), "service": .string($0.service), "zone": .string($0.zone)] }
            ), "traffic": .array(traffic),
        ]
    }

    @Test("random small sets are placed as well as by trying everything")
    func small() async throws {
        var random = SeededGenerator(seed: 7)
        var cases: [Case] = []
        for number in 0..<60 {
            let set = Self.random(&random, pods: 3...7)
            let moves = number % 4 == 0 ? Int.random(in: 0...3, using: &random) : nil
            var requirements: JSONObject = ["time_budget_ms": 4, "min_monthly_savings": 0]
            if let moves { requirements["max_moves"] = .integer(Int64(moves)) }
            let body = Network.body(ofSet: set, levers: ["placement"], requirements: requirements)
            cases.append(Case(set: set, decision: try Network.decide(body), maximumMoves: moves, brute: true))
        }
        let verdicts = try await Self.verdicts(cases)
        var equal = 0
        for (number, (one, verdict)) in zip(cases, verdicts).enumerated() {
            try Self.check(one, verdict, "set \(number)")
            let best = try #require(verdict["best"]?.number)
            let after = try #require(verdict["after"]?.number)
            if after <= best + 1e-6 { equal += 1 }
            if one.decision.metadata["search"]?["is_optimal"] == true {
                #expect(
                    after <= best + 1e-6,
                    "set \(number) is called optimal at \(after), but \(best) exists: \(one.set.text())"
                )
            }
        }
        #expect(equal * 100 >= cases.count * 95, "\(equal) of \(cases.count)")
    }

    @Test("larger random sets keep every rule and never get worse")
    func large() async throws {
        var random = SeededGenerator(seed: 11)
        var cases: [Case] = []
        for number in 0..<12 {
            let set = Self.random(&random, pods: 20...120)
            let moves = number % 3 == 0 ? 5 : nil
            var requirements: JSONObject = ["time_budget_ms": 15]
            if let moves { requirements["max_moves"] = .integer(Int64(moves)) }
            let body = Network.body(ofSet: set, levers: ["placement"], requirements: requirements)
            cases.append(Case(set: set, decision: try Network.decide(body), maximumMoves: moves))
        }
        for (number, (one, verdict)) in zip(cases, try await Self.verdicts(cases)).enumerated() {
            try Self.check(one, verdict, "set \(number)")
        }
    }
}
