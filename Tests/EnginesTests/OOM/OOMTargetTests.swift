import Contract
import Engines
import OracleSupport
import Testing

@Suite("The memory a killed container gets")
struct OOMTargetTests {
    @Test(
        "half more, at least 100 MiB, in steps of 16 MiB, never beyond twice the original",
        arguments: [
            // limit, original, result, capped (MiB)
            (100, 100, 200, false), (128, 128, 240, false), (200, 200, 304, false), (256, 256, 384, false),
            (512, 512, 768, false), (1000, 1000, 1504, false), (1024, 1024, 1536, false), (64, 64, 128, true),
            (99, 99, 198, true), (768, 512, 1024, false), (1024, 512, 1024, true), (1000, 512, 1024, true),
            (924, 512, 1024, false), (8192, 8192, 12_288, false), (1, 1, 2, true),
        ] as [(Int64, Int64, Int64, Bool)]
    )
    func rule(limit: Int64, original: Int64, result: Int64, capped: Bool) {
        let target = OOMTarget(limit: limit << 20, originalLimit: original << 20)
        #expect(target.limit == result << 20)
        #expect(target.isCapped == capped)
    }

    @Test("peak and request raise the base, the cap does not move")
    func base() {
        let target = OOMTarget(limit: 512 << 20, request: 256 << 20, peak: 600 << 20)
        #expect(target.base == 600 << 20)
        #expect(target.limit == 912 << 20)
        let high = OOMTarget(limit: 512 << 20, peak: 1000 << 20)
        #expect(high.limit == 1024 << 20)
        #expect(high.isCapped)
    }

    @Test("never below what is there, never above the cap unless for a human, steps kept", arguments: 0..<60)
    func properties(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let limit = Int64.random(in: 0...(1 << 36), using: &random)
            let original = Bool.random(using: &random) ? nil : Int64.random(in: 0...(1 << 36), using: &random)
            let peak = Bool.random(using: &random) ? nil : Int64.random(in: 0...(1 << 36), using: &random)
            let factor = Double.random(in: 1...2, using: &random)
            let target = OOMTarget(limit: limit, peak: peak, originalLimit: original, factor: factor)
            #expect(target.limit >= limit)
            if !target.isCapped {
                #expect(target.limit >= target.base + OOMTarget.step)
                #expect(target.limit <= 2 * min(limit, original ?? limit))
                #expect(Double(target.limit) >= Double(target.base) * factor - 1 || target.limit == target.cap)
            }
            let more = OOMTarget(limit: limit, peak: (peak ?? 0) + 1000, originalLimit: original, factor: factor)
            #expect(more.limit >= target.limit)
        }
    }

    @Test("repairs cannot pile up beyond twice the original")
    func repeated() {
        var limit: Int64 = 256 << 20
        var steps = 0
        while true {
            let target = OOMTarget(limit: limit, originalLimit: 256 << 20)
            if target.isCapped { break }
            limit = target.limit
            steps += 1
        }
        #expect(limit <= 512 << 20)
        #expect(steps == 2)
    }

    @Test("the request grows to what is used, stays within the limit, and is all of it for a Guaranteed pod")
    func request() {
        let target = OOMTarget(limit: 512 << 20)
        #expect(target.request(current: 100 << 20, used95: nil, isGuaranteed: false) == 100 << 20)
        #expect(target.request(current: 100 << 20, used95: 300e6, isGuaranteed: false) == 287 << 20)
        #expect(target.request(current: 100 << 20, used95: 9e300, isGuaranteed: false) == 768 << 20)
        #expect(target.request(current: nil, used95: nil, isGuaranteed: false) == nil)
        #expect(target.request(current: 512 << 20, used95: nil, isGuaranteed: true) == 768 << 20)
        #expect(target.request(current: 400 << 20, used95: 1e6, isGuaranteed: false) == 400 << 20)
    }

    @Test("amounts at the end of 64 bits do not trap")
    func absurd() {
        let target = OOMTarget(limit: .max, request: .max, peak: .max, originalLimit: .max, factor: 2)
        #expect(target.limit == .max)
        #expect(OOMTarget(limit: -5, originalLimit: -7).limit == 0)
    }

    // MARK: Leaks

    static func life(_ start: Int64, _ count: Int, _ value: (Int) -> Double) -> [UsagePoint] {
        (0..<count).map { UsagePoint(milliseconds: start + Int64($0) * 60_000, value: value($0)) }
    }

    @Test("two lives that climb in a straight line are a leak; plateaus, jumps and noise are none")
    func leak() {
        let climb = Self.life(0, 20) { 1e8 + Double($0) * 2e7 } + Self.life(2_000_000, 20) { 1e8 + Double($0) * 2e7 }
        #expect(OOMLeak.risingLives(climb, kills: [1_500_000]) == 2)
        // Without stamps of kills the fall tells.
        #expect(OOMLeak.risingLives(climb, kills: []) == 2)
        let plateau = Self.life(0, 20) { $0 < 3 ? 1e8 : 5e8 } + Self.life(2_000_000, 20) { $0 < 3 ? 1e8 : 5e8 }
        #expect(OOMLeak.risingLives(plateau, kills: [1_500_000]) == 0)
        let noise = Self.life(0, 20) { 1e8 + Double($0) * 2e7 + ($0 % 3 == 0 ? 6e7 : 0) }
        #expect(OOMLeak.risingLives(noise, kills: []) == 0)
        let flat = Self.life(0, 20) { _ in 1e8 }
        #expect(OOMLeak.risingLives(flat, kills: [5]) == 0)
        #expect(OOMLeak.risingLives(Self.life(0, 5) { Double($0) }, kills: []) == 0)
        #expect(OOMLeak.risingLives([], kills: [1, 2]) == 0)
    }
}
