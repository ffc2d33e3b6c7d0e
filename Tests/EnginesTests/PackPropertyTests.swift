import Contract
import Engines
import OracleSupport
import Testing

@Suite("Packing properties", .enabled(if: PythonOracle.isPresent))
struct PackPropertyTests {
    private static func cost(_ decision: Decision) -> Double {
        decision.metadata["bound"]?["hourly_cost_found"]?.number ?? 0
    }

    private static func bound(_ decision: Decision) -> Double {
        decision.metadata["bound"]?["hourly_cost"]?.number ?? 0
    }

    private static func state(_ request: JSONValue, _ change: (inout JSONObject) -> Void) -> JSONValue {
        var object = request.object ?? JSONObject()
        var state = object["cluster_state"]?.object ?? JSONObject()
        change(&state)
        object["cluster_state"] = .object(state)
        return .object(object)
    }

    private func cases(_ seed: Int, _ count: Int) async throws -> [(
        request: JSONValue, market: RegionMarket, now: Timestamp
    )] {
        let cases = try await PythonOracle.run("packing_clusters.py", ["\(seed)", "\(count)", "plain"])
        return try #require(cases.array).map { item in
            let request = PackFixture.with(try #require(item["request"]), "step_limit", 2000)
            let now = try #require(item["now"]?.string.flatMap { Timestamp($0) })
            return (request, try PackFixture.market(try #require(item["market"])), now)
        }
    }

    @Test("the order of the lists changes nothing, and two runs give the same bytes")
    func permutation() async throws {
        var random = SeededGenerator(seed: 5)
        for item in try await cases(101, 80) {
            let first = PackFixture.reply(
                try PackFixture.decide(item.request, item.market, now: item.now),
                now: item.now
            )
            let shuffled = Self.state(item.request) { state in
                for key in state.keys {
                    guard let list = state[key]?.array else { continue }
                    state[key] = .array(list.shuffled(using: &random))
                }
            }
            let second = PackFixture.reply(try PackFixture.decide(shuffled, item.market, now: item.now), now: item.now)
            let third = PackFixture.reply(
                try PackFixture.decide(item.request, item.market, now: item.now),
                now: item.now
            )
            #expect(first.bytes() == third.bytes())
            #expect(first.bytes() == second.bytes())
        }
    }

    @Test("a replay under the recorded limit of steps gives the same plan")
    func replay() async throws {
        for item in try await cases(102, 40) {
            let first = try PackFixture.decide(item.request, item.market, now: item.now)
            let steps = first.metadata["search"]?["step_limit"]?.integer ?? 0
            let again = try PackFixture.decide(
                PackFixture.with(item.request, "step_limit", .integer(steps)),
                item.market,
                now: item.now
            )
            let plans = [first, again].map { $0.metadata["migrations"] }
            #expect(plans[0] == plans[1])
        }
    }

    private static func isProven(_ decision: Decision) -> Bool {
        decision.metadata["bound"]?["is_optimal"]?.bool == true
    }

    /// Waiting pods that have no place: plans that leave others waiting cannot be compared by cost.
    private static func unplaced(_ decision: Decision) -> [String] {
        decision.metadata["unplaced_pending_pods"]?.array?.compactMap(\.string) ?? []
    }

    /// All machines at one price: the cost counts nodes then.
    private static func uniform(_ market: RegionMarket) -> RegionMarket {
        var market = market
        for type in market.onDemand.keys { market.onDemand[type] = 0.1 }
        market.spotPrices = market.spotPrices.map { history in
            SpotPriceHistory(
                instanceType: history.instanceType,
                zone: history.zone,
                points: history.points.map { PricePoint(at: $0.at, price: 0.1) }
            )
        }
        return market
    }

    /// One more node like the first one, with a name and a host of its own.
    private static func withSpare(_ request: JSONValue) -> JSONValue {
        state(request) { state in
            guard var nodes = state["nodes"]?.array, let node = nodes.first?.object else { return }
            var copy = node
            var meta = node["metadata"]?.object ?? JSONObject()
            var labels = meta["labels"]?.object ?? JSONObject()
            labels["kubernetes.io/hostname"] = "spare"
            meta["labels"] = .object(labels)
            meta["name"] = "spare"
            copy["metadata"] = .object(meta)
            nodes.append(.object(copy))
            state["nodes"] = .array(nodes)
        }
    }

    @Test("one more node costs neither money nor a node where the plan is proven optimal, else at most the gap")
    func capacity() async throws {
        var proven = 0
        for item in try await cases(103, 120) {
            for market in [item.market, Self.uniform(item.market)] {
                let before = try PackFixture.decide(item.request, market, now: item.now)
                let after = try PackFixture.decide(Self.withSpare(item.request), market, now: item.now)
                // A copy of a node that has to stay stays as well.
                let stays = after.metadata["blocked_nodes"]?.array?.contains { $0["node"]?.string == "spare" } ?? false
                guard !stays, Self.unplaced(before) == Self.unplaced(after) else { continue }
                if Self.isProven(before), Self.isProven(after) { proven += 1 }
                // No gap where it is proven.
                let gap = Self.cost(after) - Self.bound(after)
                #expect(Self.cost(after) <= Self.cost(before) + gap + 1e-9)
            }
        }
        #expect(proven > 60)
    }

    /// A kind of rule that can be taken out of a request.
    enum Relaxation: String, CaseIterable, Sendable {
        case budgets, taints, selectors, spread, exclusion

        func apply(_ state: inout JSONObject) {
            switch self {
            case .budgets: state["pdbs"] = []
            case .taints: PackPropertyTests.edit(&state, "nodes") { $0["taints"] = nil }
            case .selectors:
                PackPropertyTests.edit(&state, "pods") { spec in
                    spec["nodeSelector"] = nil
                    PackPropertyTests.removeAffinity("nodeAffinity", &spec)
                }
            case .spread: PackPropertyTests.edit(&state, "pods") { $0["topologySpreadConstraints"] = nil }
            case .exclusion:
                PackPropertyTests.edit(&state, "pods") { PackPropertyTests.removeAffinity("podAntiAffinity", &$0) }
            }
        }

        /// Selectors and taints decide over which nodes pods are to be spread: without them a spread can be harder.
        var changesSpread: Bool { self == .taints || self == .selectors }
    }

    fileprivate static func edit(_ state: inout JSONObject, _ list: String, _ change: (inout JSONObject) -> Void) {
        guard let items = state[list]?.array else { return }
        state[list] = .array(
            items.map { item in
                guard var object = item.object, var spec = object["spec"]?.object else { return item }
                change(&spec)
                object["spec"] = .object(spec)
                return .object(object)
            }
        )
    }

    fileprivate static func removeAffinity(_ kind: String, _ spec: inout JSONObject) {
        guard var affinity = spec["affinity"]?.object else { return }
        affinity[kind] = nil
        spec["affinity"] = .object(affinity)
    }

    @Test(
        "without a kind of rule the plan costs no more where it is proven optimal, else at most the gap more",
        arguments: Relaxation.allCases
    )
    func relaxation(rule: Relaxation) async throws {
        var proven = 0
        for item in try await cases(104, 60) {
            let request = Self.state(item.request) { state in
                if rule.changesSpread { Relaxation.spread.apply(&state) }
            }
            let before = try PackFixture.decide(request, item.market, now: item.now)
            let after = try PackFixture.decide(Self.state(request) { rule.apply(&$0) }, item.market, now: item.now)
            guard Self.unplaced(before) == Self.unplaced(after) else { continue }
            if Self.isProven(before), Self.isProven(after) { proven += 1 }
            let gap = Self.cost(after) - Self.bound(after)
            #expect(Self.cost(after) <= Self.cost(before) + gap + 1e-9)
        }
        #expect(proven > 15)
    }
}
