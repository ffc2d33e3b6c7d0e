/// The members of a JSON object in the order they came.
///
/// A plain list: objects in practice have a handful of members, and an engine asks for a fixed few names, so a scan
/// beats a hash table in both time and memory. For an object used as a large map, iterate instead of looking up.
package struct JSONObject: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package var key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member]

    package init() { members = [] }

    /// Takes members whose keys the caller knows to differ; the parser has checked them.
    package init(distinct members: [Member]) { self.members = members }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
    package var keys: [String] { members.map(\.key) }

    /// Reads, replaces in place, appends, or (with nil) removes the member of that name.
    package subscript(key: String) -> JSONValue? {
        get {
            // Most keys differ in length, which is cheaper to compare than text.
            let length = key.utf8.count
            // By position: a member taken out as a whole would be retained and released each time.
            for index in members.indices where members[index].key.utf8.count == length && members[index].key == key {
                return members[index].value
            }
            return nil
        }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The same members ordered by the bytes of their keys, as canonical output needs them.
    var sorted: [Member] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}
