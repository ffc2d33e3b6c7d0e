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
        return names.isEmpty ? nil : names
    }
}
