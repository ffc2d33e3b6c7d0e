/// Numbers that look random and depend on the content of the problem alone.
struct SearchRandom: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// The same for the same classes, whatever order they were given in.
    init(_ instance: PackingInstance) {
        var seed: UInt64 = 0x243F_6A88_85A3_08D3
        func mix(_ value: Int64) { seed = (seed ^ UInt64(bitPattern: value)) &* 0x100_0000_01B3 &+ (seed >> 29) }
        for size in instance.sizes { mix(size) }
        for count in instance.counts { mix(count) }
        for capacity in instance.capacities { mix(capacity) }
        for cost in instance.costs { mix(cost) }
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Below the bound, which is at least 1.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: bound)) >> 32)
    }
}
