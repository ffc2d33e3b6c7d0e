package import FoundationEssentials

/// A movable name that points to a model of a type.
package struct ModelAlias: Sendable, Equatable {
    /// Whose predictions are the answers.
    package static let active = "active"
    /// Whose predictions are logged only.
    package static let shadow = "shadow"
    /// Who answers a share of the requests.
    package static let canary = "canary"

    package let type: ModelType
    package let name: String
    package let model: UUID
    /// 0 to 1: of a canary's requests.
    package let share: Double
}

/// One move of an alias.
package struct ModelAliasChange: Sendable {
    package let type: ModelType
    package let alias: String
    /// Nil when it was removed.
    package let model: UUID?
    package let previous: UUID?
    package let at: Date
    package let by: String
    package let isRollback: Bool
}
