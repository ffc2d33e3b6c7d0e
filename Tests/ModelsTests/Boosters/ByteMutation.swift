import OracleSupport

/// Changes bytes as faulty disks and patient attackers do.
struct ByteMutation {
    var random: SeededGenerator

    private static let words: [[UInt8]] =
        [
            "-1", "0", "2147483647", "-2147483648", "4294967295", "99999999999999999999", "1e308", "nan", "inf", "0.5",
            "[]",
            "{}", "[[", "\"", "\\u", "null", "=", " ", "\n", "Tree=", "end of trees\n", "[$d#L", "[$l#i", "[#U", "{#I",
            "N", "Z",
        ].map { Array($0.utf8) } + [
            [0x4C, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x4C, 0x80, 0, 0, 0, 0, 0, 0, 0],
            [0x7F, 0xFF, 0xFF, 0xFF],
            [0x77, 0x35, 0x94, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xC0, 0, 0], [0x7F, 0x80, 0, 0], [0, 0, 0, 0],
        ]

    /// One to four changes.
    mutating func mutate(_ bytes: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) { change(&bytes, others) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ others: [[UInt8]]) {
        guard !bytes.isEmpty else { return }
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...32, using: &random))
        switch Int.random(in: 0..<9, using: &random) {
        case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[start] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(start..<end)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: start)
        case 4: bytes.removeSubrange(start...)
        case 5:
            let word = Self.words.randomElement(using: &random) ?? []
            bytes.replaceSubrange(start..<min(bytes.count, start + word.count), with: word)
        case 6:
            let word = Self.words.randomElement(using: &random) ?? []
            bytes.insert(contentsOf: word, at: start)
        case 7: replaceNumber(&bytes, start)
        default:
            guard let other = others.randomElement(using: &random), !other.isEmpty else { return }
            let from = Int.random(in: 0..<other.count, using: &random)
            bytes.replaceSubrange(start..<end, with: other[from..<min(other.count, from + 64)])
        }
    }

    /// The digits around a place become another number: documents stay readable, and their numbers go wrong.
    private mutating func replaceNumber(_ bytes: inout [UInt8], _ place: Int) {
        guard let first = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
        var end = first
        while end < bytes.count, (0x30...0x39).contains(bytes[end]) { end += 1 }
        let number = ["0", "1", "2", "7", "100000", "2000000000", "-1", "-3", "4294967296", "1e400", "0.5"]
        bytes.replaceSubrange(first..<end, with: Array((number.randomElement(using: &random) ?? "0").utf8))
    }
}
