import Contract

/// A spot-optimizer answer as people read it.
struct DecisionTable {
    private let decision: JSONValue

    init(_ decision: JSONValue) {
        self.decision = decision
    }

    var text: String {
        var table = TextTable([
            .init(heading: "instance type"), .init(heading: "zones"), .init(heading: "safety", isNumber: true),
            .init(heading: "interrupted"), .init(heading: "spot USD/h", isNumber: true),
            .init(heading: "on-demand USD/h", isNumber: true), .init(heading: "saves", isNumber: true),
        ])
        for item in decision["recommendations"]?.array ?? [] {
            table.add([
                item["instance_type"]?.string ?? "?",
                (item["zones"]?.array ?? []).compactMap(\.string).joined(separator: " ").orAny,
                number(item["safety_score"], 3), item["interruption_band"]?.string ?? "—",
                number(item["hourly_price"], 4), number(item["on_demand_hourly_price"], 4),
                item["savings_percentage"]?.number.map { "\(Int(($0 * 100).rounded())) %" } ?? "unknown",
            ])
        }
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

    private func number(_ value: JSONValue?, _ places: Int) -> String {
        guard let value = value?.number else { return "unknown" }
        return JSONValue.rounded(value, places).text()
    }
}

extension String {
    fileprivate var orAny: String { isEmpty ? "any" : self }
}
