package import Contract

/// The safety score of one pool, with its parts.
///
/// `safety = (0.60 − w) A + 0.30 V + w C + 0.10 S`: 1 is safe. A is the public interruption band, V the calm of the
/// price, C what we learned ourselves, S the distance to the on-demand price and the hour. The weights sum to one for
/// every w, so a customer with much experience does not see scores drift.
package struct SpotScore: Sendable, Hashable {
    package let safety: Double
    package let advisor: Double
    package let volatility: Double
    /// True when V is the default because the history is too short.
    package let volatilityIsFallback: Bool
    package let structural: Double
    /// 1 − spot/on-demand, within 0 and 1.
    package let gap: Double
    package let time: Double
    package let learned: Double
    /// w: how much the learned score counts.
    package let learnedWeight: Double
    /// Chance of an interruption within a month; from the band, not from the score.
    package let interruptionProbability: Double
}

/// Scores one pool from numbers alone: no lookups, no allocation, cheap enough for every type of every region.
package enum SpotScorer {
    package struct Input: Sendable {
        /// Nothing when the type is absent from the feed; scored like the worst band.
        package var bandIndex: Int?
        package var history: [PricePoint]
        /// Spot over on-demand price; nothing when neither prices nor the feed tell.
        package var priceRatio: Double?
        package var learnedScore: Double?
        package var learnedConfidence: Double
        /// w, from ``learnedWeight(hours:)``.
        package var learnedWeight: Double

        package init(
            bandIndex: Int?,
            history: [PricePoint] = [],
            priceRatio: Double?,
            learnedScore: Double? = nil,
            learnedConfidence: Double = 0,
            learnedWeight: Double = 0
        ) {
            self.bandIndex = bandIndex
            self.history = history
            self.priceRatio = priceRatio
            self.learnedScore = learnedScore
            self.learnedConfidence = learnedConfidence
            self.learnedWeight = learnedWeight
        }
    }

    package static func score(
        _ input: Input,
        now: Timestamp,
        policy: SpotPolicy = .standard
    ) -> SpotScore {
        let worst = policy.bandScores.count - 1
        let band = min(max(input.bandIndex ?? worst, 0), worst)
        let advisor = policy.bandScores[band]
        let measured = input.history.isEmpty ? nil : PriceVolatility(input.history, now: now, policy: policy)
        let volatility = measured.map { 1 - clamp($0.coefficientOfVariation / policy.fullVolatility) }
        let gap = input.priceRatio.map { clamp(1 - $0) } ?? 0
        let time = timeScore(now)
        let structural = 0.7 * gap + 0.3 * time
        let isLearned = input.learnedConfidence >= policy.minimumLearnedConfidence
        let learned = isLearned ? clamp(input.learnedScore ?? advisor) : advisor
        let weights = weights(learned: input.learnedWeight)
        let calm = volatility ?? policy.defaultVolatilityScore
        let safety =
            weights.advisor * advisor + weights.volatility * calm + weights.learned * learned
            + weights.structural * structural
        return SpotScore(
            safety: safety,
            advisor: advisor,
            volatility: calm,
            volatilityIsFallback: volatility == nil,
            structural: structural,
            gap: gap,
            time: time,
            learned: learned,
            learnedWeight: weights.learned,
            interruptionProbability: policy.bandProbabilities[band]
        )
    }

    /// The four weights; they sum to one.
    package static func weights(
        learned weight: Double
    ) -> (advisor: Double, volatility: Double, learned: Double, structural: Double) {
        let weight = min(max(weight, 0), 0.25)
        return (0.60 - weight, 0.30, weight, 0.10)
    }

    /// w for the instance hours watched so far: nothing below 10,000, then by documented steps up to a quarter.
    ///
    /// The jump from 0 to 0.02 at 10,000 hours is in the document.
    package static func learnedWeight(hours: Double) -> Double {
        switch hours {
        case ..<10_000: 0
        case ..<50_000: hours / 50_000 * 0.10
        case ..<200_000: 0.10 + (hours - 50_000) / 150_000 * 0.05
        case ..<500_000: 0.15 + (hours - 200_000) / 300_000 * 0.10
        default: 0.25
        }
    }

    /// T: capacity is scarce when offices are open.
    ///
    /// UTC, hours half-open.
    package static func timeScore(_ now: Timestamp) -> Double {
        if now.weekday >= 5 { return 0.95 }
        return switch now.hour {
        case 6..<9, 18..<22: 0.80
        case 9..<18: 0.70
        default: 0.90
        }
    }

    private static func clamp(_ value: Double) -> Double { min(1, max(0, value)) }
}
