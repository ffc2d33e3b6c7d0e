/// What a model is for.
package enum ModelType: String, Sendable, CaseIterable {
    /// How likely a spot instance is interrupted, or what it will cost.
    case spotPredictor = "spot_predictor"
    case resourceForecaster = "resource_forecaster"
}
