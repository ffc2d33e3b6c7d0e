/// LightGBM's wrappers and its bare `Booster`.
struct LightGBMEstimator: Estimator {
    let name: String
    let classes: [Label]?
    let model: LightGBMModel

    var width: Int? { model.features }

    var methods: EstimatorMethods { classes == nil ? [.predict, .margin] : [.predict, .probabilities, .margin] }

    static func read(_ object: FittedObject) throws(ModelRejection) -> any Estimator { try LightGBMEstimator(object) }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let booster = name == "Booster" ? object : try object.object("_Booster")
        // `_handle` from 4.0, `handle` in 3.x.
        guard booster.global.fullName == "lightgbm.basic.Booster",
            let handle = booster.optional("_handle") ?? booster.optional("handle"),
            case .text(let range) = object.graph.value(handle)
        else { throw booster.fault("its handle is no text: it has not been fitted") }
        var options = LightGBMOptions(bestIteration: booster.int("best_iteration").flatMap { $0 > 0 ? $0 : nil })
        options.limits.trees = TreeLimits(object.builder.limits)
        try object.builder.spend(elements: Int(range.count), booster)
        let text = Array(object.graph.bytes(range))
        let settings = options
        model = try booster.adding { () throws(ModelRejection) in try LightGBMReader.read(text, settings) }
        object.builder.trees += model.trees
        guard object.builder.trees <= object.builder.limits.trees else {
            throw object.fault(.limit, "too many trees in all")
        }
        guard name == "LGBMClassifier" else {
            classes = nil
            return
        }
        let labels = try object.has("_le") ? object.object("_le").labels("classes_") : object.labels("_classes")
        guard labels.count == model.classes else {
            throw object.fault("it has \(labels.count) classes, its booster \(model.classes)")
        }
        classes = labels
    }

    /// LightGBM takes infinite values as they are.
    private func rows(_ x: Features) throws(PredictionError) -> Matrix {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        return try x.numbers()
    }

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
