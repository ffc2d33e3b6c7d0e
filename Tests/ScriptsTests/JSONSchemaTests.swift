import Contract
import Scripts
import Testing

@Suite("The part of JSON Schema that engines declare themselves in")
struct JSONSchemaTests {
    private static func schema(_ json: JSONValue) throws(APIError) -> JSONSchema { try JSONSchema(JSONReader(json)) }

    static let refused: [(json: JSONValue, field: String?)] = [
        ([], nil), (["type": "money"], "type"), (["type": []], "type"), (["type": 1], "type"),
        (["$ref": "#/x"], "$ref"), (["pattern": "x"], "pattern"), (["minimum": "1"], "minimum"),
        (["minimum": 2, "maximum": 1], nil), (["minItems": -1], "minItems"), (["minItems": 2, "maxItems": 1], nil),
        (["enum": []], "enum"), (["enum": 1], "enum"), (["required": [1]], "required[0]"),
        (["properties": ["a": ["type": "x"]]], "properties.a.type"), (["items": [["type": "string"]]], "items"),
        (["additionalProperties": 1], "additionalProperties"),
    ]

    @Test("a schema that says something unknown or impossible is refused with its place", arguments: refused.indices)
    func refusal(_ index: Int) throws {
        let (json, field) = Self.refused[index]
        let error = try #require(throws: APIError.self) { _ = try Self.schema(json) }

        #expect(error.field == field, "\(json.text()): \(error)")
        #expect(error.status == 422)
    }

    @Test("a schema nested without end is refused")
    func deep() throws {
        var json: JSONValue = [:]
        for _ in 0..<40 { json = ["items": json] }

        #expect(throws: APIError.self) { _ = try Self.schema(json) }
    }

    struct Check: Sendable {
        let schema: JSONValue
        let value: JSONValue
        /// Nil: it fits.
        let fault: String?
    }

    static let checks: [Check] = [
        .init(schema: [:], value: nil, fault: nil),
        .init(schema: ["type": "string"], value: "x", fault: nil),
        .init(schema: ["type": "string"], value: 1, fault: ""),
        .init(schema: ["type": ["string", "null"]], value: nil, fault: nil),
        .init(schema: ["type": "integer"], value: 2.0, fault: nil),
        .init(schema: ["type": "integer"], value: 2.5, fault: ""),
        .init(schema: ["type": "number"], value: 2, fault: nil),
        .init(schema: ["type": "boolean"], value: 0, fault: ""),
        .init(schema: ["minimum": 0, "maximum": 1], value: 1, fault: nil),
        .init(schema: ["minimum": 0, "maximum": 1], value: 1.01, fault: ""),
        .init(schema: ["minimum": 0], value: "text has no minimum", fault: nil),
        .init(schema: ["enum": [1, "a", ["x": 1, "y": 2]]], value: 1.0, fault: nil),
        .init(schema: ["enum": [1, "a", ["x": 1, "y": 2]]], value: ["y": 2, "x": 1], fault: nil),
        .init(schema: ["enum": [1, "a"]], value: "b", fault: ""),
        .init(schema: ["items": ["type": "string"]], value: ["a", 1], fault: "[1]"),
        .init(schema: ["minItems": 1], value: [], fault: ""),
        .init(schema: ["maxItems": 1], value: [1, 2], fault: ""),
        .init(schema: ["required": ["a"]], value: ["b": 1], fault: "a"),
        .init(schema: ["required": ["a"]], value: ["a": nil], fault: nil),
        .init(schema: ["properties": ["a": ["type": "string"]]], value: ["a": 1, "b": 2], fault: "a"),
        .init(schema: ["additionalProperties": false, "properties": ["a": [:]]], value: ["a": 1, "b": 2], fault: "b"),
        .init(schema: ["additionalProperties": ["type": "string"]], value: ["a": "x", "b": 2], fault: "b"),
        .init(
            schema: ["properties": ["l": ["items": ["properties": ["n": ["maximum": 3]]]]]],
            value: ["l": [["n": 1], ["n": 9]]],
            fault: "l[1].n"
        ),
    ]

    @Test("a value that does not fit is refused with its place", arguments: checks.indices)
    func check(_ index: Int) throws {
        let check = Self.checks[index]
        let schema = try Self.schema(check.schema)
        do {
            try schema.check(JSONReader(check.value))
            #expect(check.fault == nil, "\(check.value.text()) fits \(check.schema.text())")
        } catch {
            #expect(check.fault == error.field ?? "", "\(check.value.text()) in \(check.schema.text()): \(error)")
        }
    }

    @Test("an empty table of a script is an empty list too, but only of a script")
    func emptyTable() throws {
        let schema = try Self.schema(["type": "array", "maxItems": 2])

        try schema.check(JSONReader([:]), fromScript: true)
        #expect(throws: APIError.self) { try schema.check(JSONReader([:])) }
        let filled = try Self.schema(["type": "array", "minItems": 1])
        #expect(throws: APIError.self) { try filled.check(JSONReader([:]), fromScript: true) }
        #expect(throws: APIError.self) { try schema.check(JSONReader(["a": 1]), fromScript: true) }
    }
}
