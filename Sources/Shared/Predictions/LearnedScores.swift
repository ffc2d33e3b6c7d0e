package import Contract
package import Engines
package import Models

/// What a model says of every pool of a market whose prices are known: the C part of the spot optimizer's score.
package enum LearnedScores {
    /// The market with the model's scores, and its name, in place of what was learned otherwise.
    ///
    /// - Parameters:
    ///   - market: Prices and bands.
    ///   - model: One that tells how likely an interruption is; one that predicts prices only changes nothing.
    ///   - metadata: Of its upload.
    ///   - stamp: What decisions name as their model.
    ///   - moment: The hour to predict for.
    /// - Returns: The market as it was when no pool can be judged.
    package static func market(
        _ market: RegionMarket,
        by model: LoadedModel,
        metadata: JSONObject,
        stamp: ModelStamp,
        at moment: Timestamp
    ) -> RegionMarket {
        let predictor = SpotPredictor(model, metadata: metadata)
        guard predictor.tellsInterruptions, predictor.unknownFeatures.isEmpty else { return market }
        let bands = Dictionary(
            market.advisor.map { ($0.instanceType, $0.band) },
            uniquingKeysWith: { first, _ in first }
        )
        var scores: [LearnedScore] = []
        for pool in market.spotPrices {
            let features = SpotFeatures(
                type: pool.instanceType,
                zone: pool.zone,
                region: market.region,
                history: pool.points,
                onDemand: market.onDemand[pool.instanceType],
                band: bands[pool.instanceType],
                at: moment
            )
            let prediction = predictor.predict(features, band: nil, onDemand: market.onDemand[pool.instanceType])
            guard prediction.source == .model, let probability = prediction.interruptionProbability else { continue }
            scores.append(
                LearnedScore(
                    instanceType: pool.instanceType,
                    zone: pool.zone,
                    score: 1 - probability,
                    confidence: prediction.confidence
                )
            )
        }
        guard !scores.isEmpty else { return market }
        var learned = market
        learned.learned = scores.sorted { ($0.instanceType, $0.zone) < ($1.instanceType, $1.zone) }
        learned.model = stamp
        return learned
    }
}
