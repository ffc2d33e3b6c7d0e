import Contract
import OracleSupport

/// Damages a document at random places; the same seed does the same damage.
struct HostileMutation {
    var random: SeededGenerator
    private(set) var log: [String] = []
    /// Some item stands in a list more than once, or under another's name.
    private(set) var hasRepeated = false

    init(random: SeededGenerator) { self.random = random }

    enum Place {
        case key(String)
        case index(Int)
    }

    mutating func damaged(_ document: JSONValue, times: Int) -> JSONValue {
        var document = document
        for _ in 0..<times {
            let places = Self.places(document)
            guard let place = places.randomElement(using: &random) else { return document }
            let (name, change) = self.change()
            log.append("\(name) at \(Self.text(place))")
            document = Self.changed(document, place[...], change)
        }
        return document
    }

    // MARK: Places

    /// Every place below the top level.
    static func places(_ value: JSONValue, below path: [Place] = []) -> [[Place]] {
        switch value {
        case .object(let object):
            return object.members.flatMap { member -> [[Place]] in
                let own = path + [.key(member.key)]
                return (path.isEmpty ? [] : [own]) + places(member.value, below: own)
            }
        case .array(let items):
            return items.enumerated().flatMap { index, item -> [[Place]] in
                let own = path + [.index(index)]
                return [own] + places(item, below: own)
            }
        default: return []
        }
    }

    static func text(_ path: [Place]) -> String {
        path.map {
            switch $0 {
            case .key(let key): key
            case .index(let index): "[\(index)]"
            }
        }.joined(separator: ".")
    }

    /// The value at a place of the document.
    static func value(_ document: JSONValue, _ path: [Place]) -> JSONValue {
        path.reduce(document) { value, place in
            switch place {
            case .key(let key): value[key] ?? .null
            case .index(let index): value[index] ?? .null
            }
        }
    }

    static func changed(
        _ value: JSONValue,
        _ path: ArraySlice<Place>,
        _ change: (JSONValue) -> [JSONValue]
    ) -> JSONValue {
        guard let first = path.first else { return change(value).first ?? .null }
        let rest = path.dropFirst()
        switch (value, first) {
        case (.object(var object), .key(let key)):
            let old = object[key] ?? .null
            if rest.isEmpty {
                object[key] = change(old).first
            } else {
                object[key] = changed(old, rest, change)
            }
            return .object(object)
        case (.array(var items), .index(let index)):
            guard items.indices.contains(index) else { return value }
            if rest.isEmpty {
                items.replaceSubrange(index...index, with: change(items[index]))
            } else {
                items[index] = changed(items[index], rest, change)
            }
            return .array(items)
        default: return value
        }
    }

    // MARK: Changes

    private static let numbers: [JSONValue] = [
        .integer(0), .integer(-1), .integer(1_000_000_000), .integer(.max), .integer(.min), .double(1e308),
        .double(-1e308), .double(.leastNonzeroMagnitude), .double(0.5), .double(1e19),
    ]
    private static let texts: [String] = [
        "", " ", "1e999", "-5Gi", "1Ki2", "NaN", "9999999999999999999999E", "0", "true", "\u{202E}evil", "a\u{0301}",
        "\u{1F468}\u{200D}\u{1F469}", "../../etc/passwd", "'; DROP TABLE pods; --", "2026-13-45T99:99:99Z",
        "0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999999+23:59", "us-east-99z",
    ]

    /// What to do with a value: nothing in return takes it out, several put it there several times.
    private mutating func change() -> (String, (JSONValue) -> [JSONValue]) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return ("removal", { _ in [] })
        case 1: return ("null", { _ in [.null] })
        case 2:
            let number = Self.numbers.randomElement(using: &random) ?? 0
            return ("number \(number)", { _ in [number] })
        case 3:
            let text = Self.texts.randomElement(using: &random) ?? ""
            return ("text '\(text)'", { _ in [.string(text)] })
        case 4: return ("long text", { _ in [.string(String(repeating: "x", count: 5000))] })
        case 5: return ("empty list", { _ in [[]] })
        case 6: return ("empty object", { _ in [[:]] })
        case 7: return ("truth", { _ in [true] })
        case 8: return ("list around", { [.array([$0])] })
        case 9:
            return (
                "deep nesting",
                { value in [(0..<40).reduce(value) { inner, _ in ["inner": inner] }] }
            )
        case 10:
            hasRepeated = true
            return ("copies", { value in [JSONValue](repeating: value, count: 5) })
        default: return ("number as text", { value in [value.number.map { .string("\($0)") } ?? .string("7")] })
        }
    }

    // MARK: Order

    /// The same document with the lists of objects below `cluster_state` and `requirements` in another order.
    static func shuffled(_ document: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
        guard var top = document.object else { return document }
        for member in top.members {
            guard var part = member.value.object else { continue }
            for list in part.members {
                if let items = list.value.array, items.contains(where: { $0.object != nil }) {
                    part[list.key] = .array(items.shuffled(using: &random))
                } else if let items = list.value["items"]?.array, var object = list.value.object {
                    object["items"] = .array(items.shuffled(using: &random))
                    part[list.key] = .object(object)
                }
            }
            top[member.key] = .object(part)
        }
        return .object(top)
    }
}
