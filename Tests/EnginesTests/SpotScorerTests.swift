import Contract
import Engines
import OracleSupport
import Testing

@Suite("Spot scorer")
struct SpotScorerTests {
    @Test("the weights sum to one for every w", arguments: 0...100)
    func weights(step: Int) throws {
        let weights = SpotScorer.weights(learned: 0.25 * Double(step) / 100)
        #expect(abs(weights.advisor + weights.volatility + weights.learned + weights.structural - 1) < 1e-15)
        #expect(weights.advisor >= 0.35 - 1e-15)
    }

    @Test("a score stays within 0 and 1 and grows with every part", arguments: 0..<4)
    func bounds(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let weight = Double.random(in: -1...2, using: &random)
            let ratio = Double.random(in: -2...3, using: &random)
            func score(_ band: Int, _ ratio: Double) -> Double {
                SpotScorer.score(.init(bandIndex: band, priceRatio: ratio, learnedWeight: weight), now: Market.noon)
                    .safety
            }
            let band = Int.random(in: 0..<4, using: &random)
            #expect((0...1).contains(score(band, ratio)))
            #expect(score(band, ratio) > score(band + 1, ratio))
            #expect(score(band, ratio) >= score(band, ratio + 0.1))
        }
    }

    @Test("the documented best case scores as documented")
    func documented() throws {
        let score = SpotScorer.score(.init(bandIndex: 0, priceRatio: 0.31), now: Market.noon)
        #expect(abs(score.safety - (0.60 + 0.30 * 0.85 + 0.10 * (0.7 * 0.69 + 0.3 * 0.70))) < 1e-12)
        #expect(score.interruptionProbability == 0.025)
        #expect(score.volatilityIsFallback)
    }

    @Test(
        "the learned weight follows the documented steps",
        arguments: [
            (0.0, 0.0), (9_999.9, 0), (10_000, 0.02), (25_000, 0.05), (50_000, 0.10), (125_000, 0.125),
            (200_000, 0.15), (350_000, 0.20), (499_999, 0.2499997), (500_000, 0.25), (1e12, 0.25),
        ]
    )
    func learnedWeight(hours: Double, weight: Double) throws {
        #expect(abs(SpotScorer.learnedWeight(hours: hours) - weight) < 1e-6)
    }

    @Test("an unknown type scores like the worst band")
    func unknown() throws {
        let score = SpotScorer.score(.init(bandIndex: nil, priceRatio: nil), now: Market.noon)
        #expect(score.advisor == 0.2)
        #expect(score.interruptionProbability == 0.25)
        #expect(score.gap == 0)
    }

    @Test("a learned score counts only with enough confidence")
    func confidence() throws {
        func learned(_ confidence: Double) -> Double {
            SpotScorer.score(
                .init(
                    bandIndex: 0,
                    priceRatio: 0.5,
                    learnedScore: 0.1,
                    learnedConfidence: confidence,
                    learnedWeight: 0.2
                ),
                now: Market.noon
            ).learned
        }
        #expect(learned(0.29) == 1.0)
        #expect(learned(0.30) == 0.1)
    }

    @Test("volatility needs two prices over a day, and weighs each by how long it held")
    func volatility() throws {
        let now = Market.noon
        func points(_ list: [(Int, Double)]) -> [PricePoint] {
            list.map { PricePoint(at: now.adding(hours: -$0.0), price: $0.1) }
        }
        #expect(PriceVolatility(points([(48, 1)]), now: now) == nil)
        #expect(PriceVolatility(points([(23, 1), (2, 2)]), now: now) == nil)
        #expect(PriceVolatility(points([(24, 1), (2, 1)]), now: now)?.coefficientOfVariation == 0)
        // 36 hours at 1 and 12 at 3: mean 1.5, variance 0.75
        let measured = try #require(PriceVolatility(points([(48, 1), (12, 3)]), now: now))
        #expect(abs(measured.coefficientOfVariation - 0.75.squareRoot() / 1.5) < 1e-12)
        // the price before the window holds from its start: 5 days at 1, 2 at 3
        let carried = try #require(PriceVolatility(points([(400, 9), (300, 1), (48, 3)]), now: now))
        #expect(carried.hours == 168)
        let mean = (5.0 * 1 + 2 * 3) / 7
        let variance = (5 * (1 - mean) * (1 - mean) + 2 * (3 - mean) * (3 - mean)) / 7
        #expect(abs(carried.coefficientOfVariation - variance.squareRoot() / mean) < 1e-12)
        // what lies ahead does not count
        #expect(PriceVolatility(points([(48, 1), (-1, 3)]), now: now) == nil)
    }

    @Test("the estimated reserve agrees with the recorded catalogue", .enabled(if: SharedData.isPresent))
    func reserve() throws {
        let catalogue = try JSONParser.parse(try SharedData.bytes("instances/karpenter_catalogue_2026-08.json"))
        for member in try #require(catalogue.object).members {
            let spec = try #require(Market.spec(member.key, member.value), "\(member.key)")
            #expect(abs(InstanceSpec.estimatedMillicores(vcpus: spec.vcpus) - spec.allocatableMillicores) <= 1)
            let memory = InstanceSpec.estimatedMiB(
                memoryMiB: spec.memoryMiB,
                maximumPods: spec.maximumPods,
                architecture: spec.architecture
            )
            #expect(abs(memory - spec.allocatableMiB) <= 1, "\(member.key)")
        }
    }
}
