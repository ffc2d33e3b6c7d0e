import Contract

/// A decision as people read it.
struct DecisionTable {
    private let decision: JSONValue

    init(_ decision: JSONValue) {
        self.decision = decision
    }

    var text: String {
        let table = decision["decision_type"] == "spot_optimize" ? spotTable : plainTable
        let summary = [
            "\(decision["engine"]?.string ?? "?") \(decision["engine_version"]?.string ?? "")",
            "confidence \(number(decision["confidence_score"], 2))",
            "saves \(number(decision["estimated_savings"], 2)) USD a month",
        ]
        let warnings = (decision["metadata"]?["warnings"]?.array ?? []).compactMap(\.string)
        return ([summary.joined(separator: ", "), "", table.text] + warnings.map { "note: \($0)" }).joined(
            separator: "\n"
        )
    }

    private var items: [JSONValue] { decision["recommendations"]?.array ?? [] }

    private var spotTable: TextTable {
        var table = TextTable([
            .init(heading: "instance type"), .init(heading: "zones"), .init(heading: "safety", isNumber: true),
            .init(heading: "interrupted"), .init(heading: "spot USD/h", isNumber: true),
            .init(heading: "on-demand USD/h", isNumber: true), .init(heading: "saves", isNumber: true),
        ])
        for item in items {
            table.add([
                item["instance_type"]?.string ?? "?",
                (item["zones"]?.array ?? []).compactMap(\.string).joined(separator: " ").orAny,
                number(item["safety_score"], 3), item["interruption_band"]?.string ?? "—",
                number(item["hourly_price"], 4), number(item["on_demand_hourly_price"], 4),
                item["savings_percentage"]?.number.map { "\(Int(($0 * 100).rounded())) %" } ?? "unknown",
            ])
        }
        return table
    }

    /// What fits beside each other on a terminal: the first members of the recommendations that are plain values.
    private var plainTable: TextTable {
        let most = 6
        var names: [String] = []
        for member in items.compactMap(\.object).flatMap(\.members)
        where names.count < most && !names.contains(member.key) && Self.plain(member.value) != nil {
            names.append(member.key)
        }
        var table = TextTable(
            names.map { name in
                .init(
                    heading: name.split(separator: "_").joined(separator: " "),
                    isNumber: items.contains { $0[name]?.number != nil }
                )
            }
        )
        for item in items { table.add(names.map { name in item[name].flatMap(Self.plain) ?? "—" }) }
        return table
    }

    private static func plain(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text.shortened(to: 48)
        case .bool(let flag): flag ? "yes" : "no"
        case .integer, .double: value.number.map { JSONValue.rounded($0, 4).text() }
        default: nil
        }
    }

    private func number(_ value: JSONValue?, _ places: Int) -> String {
        guard let value = value?.number else { return "unknown" }
        return JSONValue.rounded(value, places).text()
    }
}

extension String {
    fileprivate var orAny: String { isEmpty ? "any" : self }
}
