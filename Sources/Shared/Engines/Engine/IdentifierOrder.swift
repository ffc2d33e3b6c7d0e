/// The order of things by their ids, for lists of a hundred thousand.
///
/// Compares the first sixteen bytes as two numbers, which tells ids of one kind apart, and the texts only where those are
/// equal. Bytes order as texts do as long as all are ASCII, as the ids of AWS are; any other list is sorted as texts.
struct IdentifierOrder {
    private struct Key {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position: Int

        /// Nothing for an id that is not ASCII.
        init?(_ id: String, position: Int) {
            self.position = position
            var id = id
            let isASCII = id.withUTF8 { bytes in
                for byte in bytes where byte >= 0x80 { return false }
                for index in 0..<min(8, bytes.count) { high |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
                for index in 8..<max(8, min(16, bytes.count)) {
                    low |= UInt64(bytes[index]) << UInt64(120 - 8 * index)
                }
                return true
            }
            guard isASCII else { return nil }
        }
    }

    /// Positions in the order of the ids; of equal ids the earlier position first.
    static func positions(_ count: Int, id: (Int) -> String) -> [Int] {
        var keys: [Key] = []
        keys.reserveCapacity(count)
        for position in 0..<count {
            guard let key = Key(id(position), position: position) else { return textual(count, id) }
            keys.append(key)
        }
        keys.sort { left, right in
            if left.high != right.high { return left.high < right.high }
            if left.low != right.low { return left.low < right.low }
            return precedes(left.position, right.position, id)
        }
        return keys.map(\.position)
    }

    private static func textual(_ count: Int, _ id: (Int) -> String) -> [Int] {
        (0..<count).sorted { precedes($0, $1, id) }
    }

    private static func precedes(_ left: Int, _ right: Int, _ id: (Int) -> String) -> Bool {
        let (first, second) = (id(left), id(right))
        return first == second ? left < right : first < second
    }
}
