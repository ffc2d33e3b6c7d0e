/// One alternative of a node affinity: every expression on labels and on fields must hold.
///
/// Terms of one affinity are alternatives. A term without any expression matches no node.
package struct NodeSelectorTerm: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable, CaseIterable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        case greaterThan = "Gt"
        case lessThan = "Lt"
    }

    package struct Requirement: Sendable, Hashable {
        package var key: String
        package var `operator`: Operator
        package var values: [String]

        package init(key: String, operator: Operator, values: [String] = []) {
            self.key = key
            self.operator = `operator`
            self.values = values
        }

        /// `Gt` and `Lt` compare whole numbers; a label that is none, or is missing, does not match.
        package func matches(_ value: String?) -> Bool {
            switch `operator` {
            case .in: return value.map(values.contains) ?? false
            case .notIn: return value.map { !values.contains($0) } ?? true
            case .exists: return value != nil
            case .doesNotExist: return value == nil
            case .greaterThan, .lessThan:
                guard values.count == 1, let bound = Int64(values[0]), let number = value.flatMap({ Int64($0) }) else {
                    return false
                }
                return `operator` == .greaterThan ? number > bound : number < bound
            }
        }
    }

    package var matchExpressions: [Requirement]
    /// The only field the API knows is `metadata.name`.
    package var matchFields: [Requirement]

    package init(matchExpressions: [Requirement] = [], matchFields: [Requirement] = []) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }

    package func matches(_ labels: Labels, nodeName: String) -> Bool {
        guard !matchExpressions.isEmpty || !matchFields.isEmpty else { return false }
        return matchExpressions.allSatisfy { $0.matches(labels[$0.key]) }
            && matchFields.allSatisfy { $0.matches($0.key == "metadata.name" ? nodeName : nil) }
    }
}
