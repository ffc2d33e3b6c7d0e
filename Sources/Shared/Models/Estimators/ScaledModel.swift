/// A model and the transformer that its rows go through first, which came as two things in one file or two files.
struct ScaledModel: Estimator {
    let model: any Estimator
    let scaler: any Estimator

    var name: String { model.name }
    var width: Int? { scaler.width ?? model.width }
    var classes: [Label]? { model.classes }
    var methods: EstimatorMethods { model.methods.subtracting(.inverse) }

    /// - Returns: the model itself where there is nothing to put before it.
    /// - Throws: when the one does not fit the other.
    static func wrap(_ model: any Estimator, _ scaler: (any Estimator)?) throws(ModelRejection) -> any Estimator {
        guard let scaler else { return model }
        if scaler is ColumnScaler, let given = scaler.width, let needed = model.width, given != needed {
            throw ModelRejection(.invalidModel, "\(scaler.name) has \(given) features, \(model.name) \(needed)")
        }
        return ScaledModel(model: model, scaler: scaler)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer { try model.predict(scaler.transform(x)) }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix { try model.probabilities(scaler.transform(x)) }

    func decision(_ x: Features) throws(PredictionError) -> Matrix { try model.decision(scaler.transform(x)) }

    func scores(_ x: Features) throws(PredictionError) -> Matrix { try model.scores(scaler.transform(x)) }

    func margin(_ x: Features) throws(PredictionError) -> Matrix { try model.margin(scaler.transform(x)) }

    func transform(_ x: Features) throws(PredictionError) -> Features { try model.transform(scaler.transform(x)) }
}
