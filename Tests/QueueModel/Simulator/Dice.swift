/// Seeded chance (SplitMix64): the same seed rolls the same numbers on every machine.
package struct Dice: Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03
    }

    package mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to `bound` - 1.
    package mutating func roll(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: (next() >> 33) % UInt64(truncatingIfNeeded: bound))
    }

    /// True once in `odds` times.
    package mutating func once(in odds: Int) -> Bool {
        roll(odds) == 0
    }
}
