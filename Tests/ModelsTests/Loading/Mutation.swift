import OracleSupport

/// Damages a file in the ways that find faults of readers: flipped bits, moved pieces, numbers at their limits.
struct Mutation {
    var generator: SeededGenerator

    /// Lengths and indices at which readers go wrong.
    private static let edges: [UInt64] = [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000, .max,
    ]
    /// Opcodes that change what stands around them.
    private static let opcodes =
        Array("()]}0122NIFKMJGXBCUTctesuapqrghjRbdloi.".utf8) + [0x81, 0x85, 0x86, 0x87, 0x8C, 0x93, 0x94, 0x95]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func damage(_ original: [UInt8], splice: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &generator)
            let rest = bytes.count - place
            switch Int.random(in: 0..<9, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes[place] = Self.opcodes.randomElement(using: &generator) ?? 0
            case 3: bytes.removeSubrange(place..<place + min(rest, Int.random(in: 1...16, using: &generator)))
            case 4: bytes.insert(Self.opcodes.randomElement(using: &generator) ?? 0, at: place)
            case 5:
                let edge = Self.edges.randomElement(using: &generator) ?? 0
                let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
                for index in 0..<min(width, rest) {
                    bytes[place + index] = UInt8(truncatingIfNeeded: edge >> UInt64(8 * index))
                }
            case 6:
                let count = min(rest, Int.random(in: 1...64, using: &generator))
                bytes.insert(
                    contentsOf: Array(bytes[place..<place + count]),
                    at: Int.random(in: 0...bytes.count, using: &generator)
                )
            case 7 where !splice.isEmpty:
                let start = Int.random(in: splice.indices, using: &generator)
                let piece = splice[start..<min(splice.count, start + Int.random(in: 1...128, using: &generator))]
                bytes.replaceSubrange(place..<place + min(rest, piece.count), with: piece)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
