/// XGBoost's wrappers and its bare `Booster`.
struct XGBoostEstimator: Estimator {
    let name: String
    let classes: [Label]?
    /// Named by the wrapper or the booster.
    let model: XGBoostModel
    /// The bare booster answers what the library's `Booster.predict` does.
    private let isBare: Bool

    var width: Int? { model.features }

    var methods: EstimatorMethods { classes == nil ? [.predict, .margin] : [.predict, .probabilities, .margin] }

    /// - Returns: nil for classes of the library that are no models.
    static func read(_ object: FittedObject) throws(ModelRejection) -> (any Estimator)? {
        switch object.name {
        case "XGBoostLabelEncoder": try LabelEncoder(object)
        case "Booster", "XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker":
            try XGBoostEstimator(object)
        default: nil
        }
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        isBare = name == "Booster"
        let booster = isBare ? object : try object.object("_Booster")
        guard booster.global.fullName == "xgboost.core.Booster", let handle = booster.optional("handle"),
            case .bytes(let range) = object.graph.value(handle)
        else { throw booster.fault("its handle is no bytes: it has not been fitted") }
        var options = XGBoostOptions(stopsAtBestIteration: !isBare)
        if !isBare, let missing = object.double("missing"), !missing.isNaN { options.missing = Float(missing) }
        options.limits.trees = TreeLimits(object.builder.limits)
        try object.builder.spend(elements: Int(range.count), booster)
        let bytes = Array(object.graph.bytes(range))
        let settings = options
        model = try booster.adding { () throws(ModelRejection) in try XGBoostReader.read(bytes, settings) }
        object.builder.trees += model.trees
        guard object.builder.trees <= object.builder.limits.trees else {
            throw object.fault(.limit, "too many trees in all")
        }
        guard name.hasSuffix("Classifier") else {
            classes = nil
            return
        }
        classes = try Self.classes(object, count: model.classes)
    }

    /// Labels of 1.x stand in an encoder; later ones are 0, 1, 2 … whose number the model knows.
    private static func classes(_ object: FittedObject, count: Int) throws(ModelRejection) -> [Label] {
        var labels: [Label] = []
        if object.has("_le"), let encoder = try? object.object("_le"), encoder.has("classes_") {
            labels = try encoder.labels("classes_")
        } else if object.has("classes_") {
            labels = try object.labels("classes_")
        }
        guard !labels.isEmpty else { return (0..<count).map { .int(Int64($0)) } }
        guard labels.count == count else { throw object.fault("it has \(labels.count) classes, its booster \(count)") }
        return labels
    }

    private func rows(_ x: Features) throws(PredictionError) -> Matrix { try checked(x, allowsMissing: true) }

    func margin(_ x: Features) throws(PredictionError) -> Matrix { model.margins(try rows(x)) }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let rows = try rows(x)
        if let classes { return .labels(model.classIndices(rows).map { classes[$0] }) }
        let result = model.predict(rows)
        return result.columns == 1 ? .values(result.values) : .rows(result)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "predict_proba", estimator: name) }
        return model.probabilities(try rows(x))
    }
}
