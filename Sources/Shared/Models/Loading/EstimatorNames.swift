/// Names of features that boosters carry themselves.
enum EstimatorNames {
    static func of(_ estimator: any Estimator) -> [String]? {
        let names: [String]
        switch estimator {
        case let booster as XGBoostEstimator: names = booster.model.featureNames
        case let booster as LightGBMEstimator: names = booster.model.featureNames
        case let scaled as ScaledModel: return of(scaled.model)
        default: return nil
        }
        // What the libraries call features that came without names.
        let areMadeUp = names.indices.allSatisfy { names[$0] == "Column_\($0)" || names[$0] == "f\($0)" }
        return areMadeUp ? nil : names
    }
}
