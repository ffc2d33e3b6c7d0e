import Contract
import Engines
import Testing

@testable import Predictions

@Suite("Features of spot pools")
struct SpotFeaturesTests {
    /// Friday, 2026-11-27 12:30 UTC.
    private let now = Timestamp(seconds: 1_795_782_600)

    private func points(_ changes: [(hoursAgo: Double, price: Double)]) -> [PricePoint] {
        changes.map { change in
            PricePoint(
                at: Timestamp(milliseconds: now.milliseconds - Int64(change.hoursAgo * 3_600_000)),
                price: change.price
            )
        }
    }

    @Test("a price holds until the next change; before the first one nothing is known")
    func hourly() {
        let prices = HourlyPrices(points([(30, 0.03), (5.5, 0.05), (0.5, 0.04)]), at: now)
        #expect(prices.lag(0) == 0.04)
        #expect(prices.lag(1) == 0.05)
        #expect(prices.lag(5) == 0.05)
        #expect(prices.lag(6) == 0.03)
        #expect(prices.lag(30) == 0.03)
        #expect(prices.lag(31) == nil)
        // Of the last 24 values: one of 0.04, five of 0.05, eighteen of 0.03.
        let mean = (0.04 + 5 * 0.05 + 18 * 0.03) / 24
        #expect(abs((prices.mean(24) ?? 0) - mean) < 1e-12)
        let squares =
            (0.04 - mean) * (0.04 - mean) + 5 * (0.05 - mean) * (0.05 - mean) + 18 * (0.03 - mean) * (0.03 - mean)
        #expect(abs((prices.standardDeviation(24) ?? 0) - (squares / 23).squareRoot()) < 1e-12)
        // Of 168 hours only 31 are known.
        #expect(abs((prices.mean(168) ?? 0) - (0.04 + 5 * 0.05 + 25 * 0.03) / 31) < 1e-12)
    }

    @Test("what cannot be computed is missing, not guessed")
    func missing() {
        let features = SpotFeatures(
            type: "m5.large",
            zone: "us-east-1a",
            market: RegionMarket(region: "us-east-1"),
            at: now
        )
        for name in ["spot_price", "on_demand_price", "price_ratio", "price_ma_24h", "price_std_168h", "price_lag_6h"] {
            #expect(features.numbers[name]?.isNaN == true, "\(name)")
        }
        #expect(features.numbers["hour"] == 12)
        #expect(features.numbers["day_of_week"] == 4, "Monday is 0")
        #expect(features.numbers["month"] == 11)
        #expect(features.numbers["is_weekend"] == 0)
        #expect(features.texts["interruption_rate"] == nil)
    }

    @Test("the price of the question stands before the stored one")
    func asked() {
        var market = RegionMarket(region: "us-east-1", onDemand: ["m5.large": 0.1])
        market.spotPrices = [
            SpotPriceHistory(instanceType: "m5.large", zone: "us-east-1a", points: points([(2, 0.03)]))
        ]
        let stored = SpotFeatures(type: "m5.large", zone: "us-east-1a", market: market, at: now)
        #expect(stored.numbers["price_ratio"] == 0.03 / 0.1)
        let asked = SpotFeatures(type: "m5.large", zone: "us-east-1a", market: market, spotPrice: 0.05, at: now)
        #expect(asked.numbers["price_ratio"] == 0.5)
        #expect(asked.numbers["price_lag_1h"] == 0.03)
    }
}
