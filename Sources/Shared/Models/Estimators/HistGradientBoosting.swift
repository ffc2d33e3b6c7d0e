/// Histogram gradient boosting: 64-bit thresholds, missing values, categories as bit sets.
struct HistGradientBoosting: Estimator {
    private enum Link {
        case identity, exponential, sigmoid, softmax
    }

    let name: String
    let classes: [Label]?
    let width: Int?
    private let ensemble: TreeEnsemble
    private let baseline: [Double]
    private let link: Link
    /// From 1.4 on, with categories: encodes them and moves their columns to the front.
    private let preprocessor: (any Estimator)?

    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities, .decision] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let classes = name.hasSuffix("Classifier") ? try object.labels("classes_") : nil
        self.classes = classes
        guard let features = object.fittedWidth ?? object.int("_n_features"), features > 0 else {
            throw object.fault("it does not say how many features it has")
        }
        width = features
        preprocessor = object.has("_preprocessor") ? try object.estimator("_preprocessor") : nil
        let columns = classes.map { $0.count <= 2 ? 1 : $0.count } ?? 1
        guard (classes?.count ?? 2) >= 2 else { throw object.fault("classes_", "has fewer than two classes") }
        let known = try HistTreeReader.knownCategories(object, features: features)
        let form = TreeForm(features: features, outputs: columns, precision: .double, comparison: .atMost)
        var builder = try object.adding { () throws(ModelRejection) in
            try TreeEnsembleBuilder(form, limits: TreeLimits(object.builder.limits))
        }
        for iteration in try object.items("_predictors") {
            guard let trees = object.graph.sequence(iteration), trees.count == columns else {
                throw object.fault("_predictors", "does not have \(columns) trees in each iteration")
            }
            for (column, node) in trees.enumerated() {
                let nodes = try HistTreeReader.read(FittedObject(object.builder, node), known: known, output: column)
                try object.adding { () throws(ModelRejection) in try builder.add(nodes) }
            }
        }
        ensemble = builder.finish()
        let baseline = try object.vector("_baseline_prediction")
        guard baseline.count == columns else {
            throw object.fault("_baseline_prediction", "has \(baseline.count) numbers")
        }
        self.baseline = baseline
        link = try Self.link(object, classes)
    }

    private static func link(_ object: FittedObject, _ classes: [Label]?) throws(ModelRejection) -> Link {
        if let classes { return classes.count == 2 ? .sigmoid : .softmax }
        switch object.text("loss") {
        case "squared_error", "least_squares", "absolute_error", "least_absolute_deviation", "quantile":
            return .identity
        case "poisson", "gamma": return .exponential
        default: throw object.fault(.unsupported, "its loss is not supported")
        }
    }

    private func raw(_ x: Features) throws(PredictionError) -> Matrix {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        let rows: Matrix
        if let preprocessor {
            rows = try preprocessor.transform(x).numbers()
            try checkFinite(rows, allowsMissing: true, isFloat32: false)
            guard rows.columns == ensemble.features else {
                throw .columns(given: rows.columns, expected: ensemble.features)
            }
        } else {
            rows = try checked(x, allowsMissing: true)
        }
        return ensemble.sums(rows, from: baseline)
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "decision_function", estimator: name) }
        return try raw(x)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let scores = try decision(x)
        return link == .softmax ? scores.softmax() : scores.mapped(logistic).withComplement()
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let scores = try raw(x)
        guard let classes else { return .values(link == .exponential ? scores.values.map(exponential) : scores.values) }
        if link == .softmax { return labels(ofLargest: scores, among: classes) }
        return .labels(scores.values.map { logistic($0) > 0.5 ? classes[1] : classes[0] })
    }
}
