/// How a booster is used, which its bytes do not say.
package struct XGBoostOptions: Sendable {
    /// Stop at the best iteration, as the scikit-learn-style wrappers do; a bare `Booster` uses all trees.
    package var stopsAtBestIteration: Bool
    /// The wrapper's `missing`: a value equal to it, in 32 bits, is missing, besides NaN.
    package var missing: Float?
    package var limits: BoosterLimits

    package init(stopsAtBestIteration: Bool, missing: Float? = nil, limits: BoosterLimits = BoosterLimits()) {
        self.stopsAtBestIteration = stopsAtBestIteration
        self.missing = missing.flatMap { $0.isNaN ? nil : $0 }
        self.limits = limits
    }
}
