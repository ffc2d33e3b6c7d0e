package import Contract

/// A part of JSON Schema, enough to say what an engine takes and gives: types, members, items, enumerations, bounds.
///
/// Known keywords: `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `minimum`, `maximum`,
/// `minItems`, `maxItems`; `title`, `description`, `default`, `examples`, `$schema` and `$comment` are notes without
/// effect. Any other keyword is refused when the schema is read: a rule that is silently ignored is worse than none.
package struct JSONSchema: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable, Hashable {
        case null, boolean, integer, number, string, array, object
    }

    /// What is said about members that `properties` does not name.
    enum Others: Sendable, Hashable {
        case allowed
        case refused
        /// One schema, boxed.
        case like([JSONSchema])
    }

    /// Empty: any kind.
    var kinds: Set<Kind> = []
    var properties: [String: JSONSchema] = [:]
    var required: [String] = []
    var others = Others.allowed
    /// One schema, boxed; empty when items may be anything.
    var items: [JSONSchema] = []
    /// Nil: any value; texts are canonical JSON.
    var values: [String]?
    var minimum: Double?
    var maximum: Double?
    var minimumItems: Int?
    var maximumItems: Int?
    /// As it was given.
    package let json: JSONValue

    /// A schema that takes every object.
    package static let anyObject = JSONSchema(kinds: [.object], json: ["type": "object"])

    private init(kinds: Set<Kind>, json: JSONValue) {
        self.kinds = kinds
        self.json = json
    }

    init(json: JSONValue) { self.json = json }
}
