/// A set of class indices as bits.
package struct ClassSet: Sendable, Hashable {
    private var words: [UInt64]

    /// Empty, with room for indices below that count; it grows on its own.
    package init(capacity: Int = 0) {
        words = Array(repeating: 0, count: max(0, capacity + 63) / 64)
    }

    package init(_ indices: some Sequence<Int>) {
        words = []
        for index in indices { insert(index) }
    }

    /// All indices below the count.
    package static func all(_ count: Int) -> ClassSet {
        var set = ClassSet(capacity: count)
        for index in 0..<max(0, count) { set.insert(index) }
        return set
    }

    package func contains(_ index: Int) -> Bool {
        guard index >= 0, index >> 6 < words.count else { return false }
        return words[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    /// A negative index is ignored.
    package mutating func insert(_ index: Int) {
        guard index >= 0 else { return }
        while words.count <= index >> 6 { words.append(0) }
        words[index >> 6] |= 1 << UInt64(index & 63)
    }

    package mutating func remove(_ index: Int) {
        guard contains(index) else { return }
        words[index >> 6] &= ~(1 << UInt64(index & 63))
    }

    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// Sets with the same members are equal, whatever room they have.
    package static func == (left: ClassSet, right: ClassSet) -> Bool {
        let shared = min(left.words.count, right.words.count)
        return left.words[..<shared] == right.words[..<shared]
            && left.words[shared...].allSatisfy { $0 == 0 } && right.words[shared...].allSatisfy { $0 == 0 }
    }

    package func hash(into hasher: inout Hasher) {
        var end = words.count
        while end > 0, words[end - 1] == 0 { end -= 1 }
        hasher.combine(words[..<end])
    }
}
