/// A regressor of a transformed target, whose answers are transformed back.
struct TransformedTarget: Estimator {
    let name: String
    private let regressor: any Estimator
    private let transformer: any Estimator

    var width: Int? { regressor.width }
    var methods: EstimatorMethods { .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        regressor = try object.estimator("regressor_")
        transformer = try object.estimator("transformer_")
        guard regressor.methods.contains(.predict), transformer.methods.contains(.inverse) else {
            throw object.fault("its transformer has no way back")
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        guard let answers = try regressor.predict(x).matrix else { throw .other("\(regressor.name) gives no numbers") }
        let result = try transformer.inverse(answers)
        return result.columns == 1 ? .values(result.values) : .rows(result)
    }
}
