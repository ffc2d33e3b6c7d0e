/// How a LightGBM booster is used, which its text does not say.
package struct LightGBMOptions: Sendable {
    /// Iterations to use where that is positive and less than there are: `best_iteration` beside the text.
    package var bestIteration: Int?
    package var limits: BoosterLimits

    package init(bestIteration: Int? = nil, limits: BoosterLimits = BoosterLimits()) {
        self.bestIteration = bestIteration
        self.limits = limits
    }
}
