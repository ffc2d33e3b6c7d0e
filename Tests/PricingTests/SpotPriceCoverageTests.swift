import Foundation
import Postgres
import Support
import Testing

@testable import Pricing

@Suite("Coverage of spot prices, and its gaps")
struct SpotPriceCoverageTests {
    /// A whole hour, 80 days back: hours from here on are all in the past.
    private static let start = Date(
        timeIntervalSince1970: (Date().timeIntervalSince1970 / 3600).rounded(.down) * 3600 - 80 * 86_400
    )

    private static func hour(_ hours: Int) -> Date { start.addingTimeInterval(Double(hours) * 3600) }

    private func cover(
        _ base: PricingDatabase,
        _ hours: Range<Int>,
        types: [String] = [],
        products: [String] = []
    ) async throws {
        let window = SpotPriceWindow(
            region: "us-east-1",
            instanceTypes: types,
            products: products,
            from: Self.hour(hours.lowerBound),
            until: Self.hour(hours.upperBound)
        )
        _ = try await SpotPriceIngest(into: base.store, window, source: "test").finish()
    }

    private func gaps(
        _ base: PricingDatabase,
        _ hours: Range<Int>,
        types: [String] = [],
        products: [String] = []
    ) async throws -> [(type: String, hours: Range<Int>)] {
        try await base.store.gaps(
            regions: ["us-east-1"],
            instanceTypes: types,
            products: products,
            wanted: Self.hour(hours.lowerBound)..<Self.hour(hours.upperBound)
        ).map { gap in
            let (from, until) = (
                Int(gap.from.timeIntervalSince(Self.start) / 3600), Int(gap.until.timeIntervalSince(Self.start) / 3600)
            )
            return (gap.instanceType, from..<until)
        }
    }

    @Test("what nobody has fetched is one gap; what touches becomes one stretch")
    func merges() async throws {
        let base = try await PricingDatabase()
        #expect(try await gaps(base, 0..<10).map(\.hours) == [0..<10])

        try await cover(base, 2..<4)
        try await cover(base, 4..<6)
        try await cover(base, 3..<5)

        #expect(try await gaps(base, 0..<10).map(\.hours) == [0..<2, 6..<10])
        #expect(try await base.store.coverage().count == 1)
        try await cover(base, 0..<10)
        #expect(try await gaps(base, 0..<10).isEmpty)
        #expect(try await base.store.coverage(region: "us-east-1").count == 1)
    }

    @Test("all types at once cover each of them; one type does not cover the others")
    func types() async throws {
        let base = try await PricingDatabase()
        try await cover(base, 0..<4)
        try await cover(base, 4..<6, types: ["m5.large"])

        let found = try await gaps(base, 0..<8, types: ["c5.large", "m5.large"])

        #expect(found.map(\.type) == ["c5.large", "m5.large"])
        #expect(found.map(\.hours) == [4..<8, 6..<8])
        #expect(try await gaps(base, 0..<8).map(\.hours) == [4..<8])
    }

    @Test("one product does not cover the others")
    func products() async throws {
        let base = try await PricingDatabase()
        try await cover(base, 0..<4, products: ["Linux/UNIX"])

        #expect(try await gaps(base, 0..<4, products: ["Linux/UNIX"]).isEmpty)
        #expect(try await gaps(base, 0..<4, products: ["Windows"]).map(\.hours) == [0..<4])
        #expect(try await gaps(base, 0..<4).map(\.hours) == [0..<4])
    }

    @Test("nothing later than now is covered, whatever was asked for")
    func future() async throws {
        let base = try await PricingDatabase()
        let now = Date()
        let window = SpotPriceWindow(
            region: "us-east-1",
            from: now.addingTimeInterval(-60),
            until: now.addingTimeInterval(3600)
        )
        _ = try await SpotPriceIngest(into: base.store, window, source: "test").finish()

        let left = try await base.store.gaps(
            regions: ["us-east-1"],
            wanted: now.addingTimeInterval(-60)..<now.addingTimeInterval(3600)
        )
        #expect(left.count == 1)
        #expect((left.first?.from ?? .distantPast) >= now.addingTimeInterval(-1))
    }

    @Test("gaps planted at random are found, all of them and nothing else")
    func planted() async throws {
        let base = try await PricingDatabase()
        var generator = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &generator)
        var random = LinearRandom(seed: seed)
        let most = 400
        for round in 0..<TestSize.of("CLOUDOPTIM_GAP_SEEDS", ordinarily: 100) {
            _ = try await base.pool.query("TRUNCATE spot_price_coverage")
            var covered = Set<Int>()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let from = Int.random(in: 0..<most - 1, using: &random)
                let until = Int.random(in: from + 1...min(most, from + 80), using: &random)
                covered.formUnion(from..<until)
                try await cover(base, from..<until)
            }

            let found = try await gaps(base, 0..<most).map(\.hours)

            let expected = Set(0..<most).subtracting(covered)
            #expect(Set(found.flatMap { Array($0) }) == expected, "seed \(seed), round \(round)")
            // Neighbouring gaps would be one gap told twice.
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        }
    }
}

/// Repeatable random numbers: a plain linear congruence suffices to scatter gaps.
private struct LinearRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
