import Contract
import Engines
import Models
import Support
import Testing

@testable import Predictions

@Suite("Models of spot pools")
struct SpotPredictorTests {
    private let now = Timestamp(seconds: 1_795_782_600)
    private let calm = InterruptionBand.standard[0]

    private func market() -> RegionMarket {
        var market = RegionMarket(region: "us-east-1", onDemand: ["m5.large": 0.1, "c5.large": 0.08])
        market.advisor = [AdvisorEntry(instanceType: "m5.large", band: calm, savingsPercent: 60)]
        let point = PricePoint(at: Timestamp(milliseconds: now.milliseconds - 7_200_000), price: 0.03)
        market.spotPrices = [
            SpotPriceHistory(instanceType: "m5.large", zone: "us-east-1b", points: [point]),
            SpotPriceHistory(instanceType: "m5.large", zone: "us-east-1a", points: [point]),
            SpotPriceHistory(instanceType: "c5.large", zone: "us-east-1a", points: []),
        ]
        return market
    }

    private func linear(_ coefficients: [Double], _ intercept: Double = 0) throws -> LoadedModel {
        try LoadedModel.read(LinearPickle.file(coefficients, intercept: intercept))
    }

    @Test("without a model the feed answers, and says that it stands in")
    func dayZero() {
        let features = SpotFeatures(type: "m5.large", zone: "us-east-1a", market: market(), at: now)
        let known = SpotPredictor(nil).predict(features, band: calm, onDemand: 0.1)
        #expect(known.source == .spotAdvisor)
        #expect(known.interruptionProbability == 0.025)
        #expect(known.recommendation == "use_spot")
        let unknown = SpotPredictor(nil).predict(features, band: nil, onDemand: nil)
        #expect(unknown.interruptionProbability == nil)
        #expect(unknown.confidence == 0)
        #expect(unknown.recommendation == "unknown")
    }

    @Test("a number of a regressor means what the upload says it means")
    func targets() throws {
        let features = SpotFeatures(type: "m5.large", zone: "us-east-1a", market: market(), at: now)
        func ask(_ target: JSONValue, _ model: LoadedModel) -> SpotPrediction {
            SpotPredictor(model, metadata: ["target": target, "feature_columns": ["spot_price"]])
                .predict(features, band: calm, onDemand: 0.1)
        }
        #expect(ask("price", try linear([1])).predictedPrice == 0.03)
        #expect(ask("price_ratio", try linear([10])).predictedPrice == 0.03)
        #expect(ask("interruption_probability", try linear([10])).interruptionProbability == 0.3)
        #expect(
            ask("interruption_probability", try linear([1000])).interruptionProbability == 1,
            "a probability ends at 1"
        )
        #expect(ask("price", try linear([1])).interruptionProbability == 0.025, "the feed's, with a warning")
        #expect(ask("price", try linear([1])).warnings.count == 1)
    }

    @Test("a feature that nobody can compute, and a missing value, make the feed stand in")
    func unknownFeature() throws {
        let features = SpotFeatures(type: "m5.large", zone: "us-east-1a", market: market(), at: now)
        for column in ["moon_phase", "instance_type_encoded"] {
            let predictor = SpotPredictor(try linear([1]), metadata: ["feature_columns": [.string(column)]])
            let answer = predictor.predict(features, band: calm, onDemand: 0.1)
            #expect(answer.source == .spotAdvisor)
            #expect(answer.warnings.first?.contains(column) == true)
        }
        let bare = SpotFeatures(type: "m5.large", zone: "us-east-1c", market: market(), at: now)
        let gap = SpotPredictor(try linear([1]), metadata: ["feature_columns": ["spot_price"]])
            .predict(bare, band: calm, onDemand: 0.1)
        #expect(gap.source == .spotAdvisor, "a linear model takes no missing values")
    }

    @Test("every pool with a price gets a learned score, in a fixed order, and the market names the model")
    func learned() throws {
        let stamp = ModelStamp(id: "1", name: "m", version: "2", sha256: "ab")
        let metadata: JSONObject = ["target": "interruption_probability", "feature_columns": ["spot_price"]]
        let learned = LearnedScores.market(market(), by: try linear([10]), metadata: metadata, stamp: stamp, at: now)
        #expect(learned.learned.map(\.zone) == ["us-east-1a", "us-east-1b"])
        #expect(learned.learned.allSatisfy { abs($0.score - 0.7) < 1e-12 })
        #expect(learned.model == stamp)
        let price = LearnedScores.market(
            market(),
            by: try linear([1]),
            metadata: ["feature_columns": ["spot_price"]],
            stamp: stamp,
            at: now
        )
        #expect(price == market(), "a model of prices says nothing of interruptions")
    }
}
