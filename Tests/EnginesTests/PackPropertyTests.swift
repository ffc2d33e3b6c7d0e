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

    @Test("another node that costs nothing extra to have never makes the rest dearer where both are proven optimal")
    func capacity() async throws {
        for item in try await cases(103, 120) {
            let before = try PackFixture.decide(item.request, item.market, now: item.now)
            let larger = Self.state(item.request) { state in
                guard var nodes = state["nodes"]?.array, let node = nodes.first?.object else { return }
                var copy = node
                var meta = node["metadata"]?.object ?? JSONObject()
                meta["name"] = "spare"
                copy["metadata"] = .object(meta)
                nodes.append(.object(copy))
                state["nodes"] = .array(nodes)
            }
            let after = try PackFixture.decide(larger, item.market, now: item.now)
            let price = after.metadata["kept_nodes"]?.array?.first { $0["node"]?.string == "spare" }?["hourly_price"]?
                .number
            let found = Self.cost(after) - (price ?? 0)
            // Proven or not, the cost with more room stays within the gap of the cost without.
            let gap = Self.cost(before) - Self.bound(before) + Self.cost(after) - Self.bound(after)
            #expect(found <= Self.cost(before) + gap + 1e-9)
        }
    }

    @Test("without the disruption budgets, the selectors or the taints the plan costs no more, gaps aside")
    func relaxation() async throws {
        for item in try await cases(104, 120) {
            let before = try PackFixture.decide(item.request, item.market, now: item.now)
            let relaxed = Self.state(item.request) { $0["pdbs"] = .array([]) }
            let after = try PackFixture.decide(relaxed, item.market, now: item.now)
            let gap = Self.cost(after) - Self.bound(after)
            #expect(Self.cost(after) <= Self.cost(before) + gap + 1e-9)
        }
    }
}
