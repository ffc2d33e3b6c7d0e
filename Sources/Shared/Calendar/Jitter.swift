/// Spreads schedules that fire at the same moment, always in the same way.
package enum Jitter {
    /// Seconds to wait after this fire, from 0 to below `bound`: a hash of the schedule's identity and the fire's moment.
    ///
    /// Nothing is drawn, so that every process, and every repetition after a crash, arrives at the same number.
    package static func seconds(schedule: some Sequence<UInt8>, fire: Moment, below bound: Int64) -> Int64 {
        guard bound > 0 else { return 0 }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in schedule { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= UInt64(bitPattern: fire.seconds)
        // The finalizer of SplitMix64: without it neighbouring minutes would give neighbouring numbers.
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Int64(hash % UInt64(bound))
    }
}
