/// A small map from names to values, kept in the order of its keys: labels, annotations, tags, amounts by resource.
///
/// Iterating gives the same order whatever order the names came in, which a `Dictionary` does not, and an empty table
/// costs nothing.
package struct NameTable<Value: Sendable & Hashable>: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package var key: String
        package var value: Value

        package init(key: String, value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// In the order of their keys, each key once.
    package private(set) var entries: [Entry]

    package init() { entries = [] }

    /// Takes entries in any order; of two with the same key the first counts.
    package init(_ unsorted: [Entry]) {
        entries = unsorted
        guard entries.count > 1 else { return }
        if zip(entries, entries.dropFirst()).allSatisfy({ Self.precedes($0.key, $1.key) }) { return }
        // A stable sort keeps the first of equals first.
        let order = entries.enumerated().sorted { left, right in
            left.element.key == right.element.key
                ? left.offset < right.offset : Self.precedes(left.element.key, right.element.key)
        }
        entries = []
        for (_, entry) in order where entries.last?.key != entry.key { entries.append(entry) }
    }

    package init(_ dictionary: [String: Value]) {
        self.init(dictionary.map { Entry(key: $0.key, value: $0.value) })
    }

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }
    package var keys: [String] { entries.map(\.key) }

    /// Reads, replaces, inserts, or (with nil) removes.
    package subscript(key: String) -> Value? {
        get {
            let index = position(of: key)
            return index < entries.count && entries[index].key == key ? entries[index].value : nil
        }
        set {
            let index = position(of: key)
            let isThere = index < entries.count && entries[index].key == key
            switch (isThere, newValue) {
            case (true, let value?): entries[index].value = value
            case (true, nil): entries.remove(at: index)
            case (false, let value?): entries.insert(Entry(key: key, value: value), at: index)
            case (false, nil): break
            }
        }
    }

    package subscript(key: String, default fallback: Value) -> Value { self[key] ?? fallback }

    /// Where the key is, or where it belongs.
    private func position(of key: String) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(entries[middle].key, key) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func precedes(_ left: String, _ right: String) -> Bool { left < right }
}

extension NameTable: Sequence {
    package func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }
}

extension NameTable: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, Value)...) {
        self.init(elements.map { Entry(key: $0.0, value: $0.1) })
    }
}

/// Labels of an object, or what a node selector asks for.
package typealias Labels = NameTable<String>
