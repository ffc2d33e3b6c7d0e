import Contract
import Engines
import OracleSupport
import Testing

/// Requests in which one mark on each thing keeps an engine from touching it.
///
/// When such a mark cannot be read, the thing must stay untouched all the same: a value of the wrong kind is no consent.
@Suite("Doubtful data")
struct DoubtfulDataTests {
    static let types = ProtectedWorlds.all.map(\.type)

    private static func document(_ type: DecisionType) throws -> JSONValue {
        try #require(ProtectedWorlds.all.first { $0.type == type }).document
    }

    @Test("what is protected is left alone, and what is not is found", arguments: types)
    func intact(type: DecisionType) throws {
        let document = try Self.document(type)
        #expect(try Self.destroyed(document, type) == [])
        // Otherwise the suite would show nothing: the same world does hold something to act on.
        let open = try #require(ProtectedWorlds.all.first { $0.type == type }).open
        #expect(try Self.destroyed(open, type) != [])
    }

    @Test(
        "a value of a wrong kind in any place never opens what is protected",
        .timeLimit(.minutes(10)),
        arguments: types
    )
    func wrongKinds(type: DecisionType) throws {
        let document = try Self.document(type)
        // Two kinds for each place here, all of them in a soak.
        let isSoak = TestLength.isSoak
        for (number, place) in HostileMutation.places(document).enumerated() {
            let kinds = Self.wrongKinds(HostileMutation.value(document, place))
            for (offset, value) in kinds.enumerated() where isSoak || (offset + number) % kinds.count < 2 {
                let damaged = HostileMutation.changed(document, place[...]) { _ in [value] }
                let found = try Self.destroyed(damaged, type)
                #expect(
                    found == [],
                    "\(type.rawValue): \(value.text()) at \(HostileMutation.text(place)) opens \(found)"
                )
            }
        }
    }

    /// Every kind that the value is not.
    ///
    /// Null is left out, since a member that is null is a member that is not there; and an empty object in place of a
    /// list, since lists may come as maps.
    private static func wrongKinds(_ value: JSONValue) -> [JSONValue] {
        let all: [JSONValue] = [true, 7, -1.5, "x", [], ["x"], [:], ["x": 7]]
        return all.filter { $0.kind != value.kind && !(value.array != nil && $0 == [:]) }
    }

    /// What the decision would take away, as far as its recommendations and steps say.
    private static func destroyed(_ document: JSONValue, _ type: DecisionType) throws -> [String] {
        guard case .decision(let decision) = try HostileRun.outcome(document, type) else { return [] }
        let actions: Set<String> = [
            "terminate", "delete", "scale_down", "suspend", "drain_and_terminate", "update_memory_limit",
        ]
        let items = decision.recommendations.filter { actions.contains($0["action"]?.string ?? "") }
        return items.map { item in
            let names = ["instance_id", "volume_id", "name", "node", "deployment"]
            return names.lazy.compactMap { item[$0]?.string }.first ?? item.text()
        }
    }
}
