/// Linear classifiers: the sign or the largest of X coefᵀ + intercept, and what each class makes of that as probabilities.
struct LinearClassifier: Estimator {
    private enum Probabilities {
        case none
        /// Each class by itself, then normalised.
        case sigmoid
        case softmax
        /// Two classes fitted as a multinomial: the softmax of -d and d.
        case symmetricSoftmax
        case modifiedHuber
    }

    let name: String
    let weights: Matrix
    let offsets: [Double]
    let labels: [Label]
    private let kind: Probabilities
    /// Linear discriminants: what `transform` multiplies with, after taking off the mean.
    private let scalings: (mean: [Double], rows: Matrix)?

    var width: Int? { weights.columns }
    var classes: [Label]? { labels }

    var methods: EstimatorMethods {
        var methods: EstimatorMethods = [.predict, .decision]
        if kind != .none { methods.insert(.probabilities) }
        if scalings != nil { methods.insert(.transform) }
        return methods
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        weights = try object.matrix("coef_")
        guard weights.rows > 0, weights.columns > 0 else { throw object.fault("coef_", "is empty") }
        offsets = try LinearRegressor.offsets(object, count: weights.rows)
        labels = try Self.classes(object)
        guard labels.count == (weights.rows == 1 ? 2 : weights.rows) else {
            throw object.fault("coef_", "has \(weights.rows) rows for \(labels.count) classes")
        }
        if let expected = object.fittedWidth, expected != weights.columns {
            throw object.fault("coef_", "has \(weights.columns) columns for \(expected) features")
        }
        kind = Self.probabilities(object, labels.count)
        scalings = name == "LinearDiscriminantAnalysis" ? try Self.scalings(object, width: weights.columns) : nil
    }

    private static func classes(_ object: FittedObject) throws(ModelRejection) -> [Label] {
        if object.has("classes_") { return try object.labels("classes_") }
        let binarizer = try object.object("_label_binarizer")
        if binarizer.text("y_type_")?.hasPrefix("multilabel") == true {
            throw object.fault(.unsupported, "several labels at once are not supported")
        }
        return try binarizer.labels("classes_")
    }

    private static func probabilities(_ object: FittedObject, _ classCount: Int) -> Probabilities {
        switch object.name {
        case "LogisticRegression", "LogisticRegressionCV":
            let kind = object.text("multi_class") ?? "auto"
            if kind == "ovr" || kind == "warn" { return .sigmoid }
            if kind == "multinomial" { return classCount == 2 ? .symmetricSoftmax : .softmax }
            let solver = object.text("solver") ?? "lbfgs"
            let version = object.minorVersion
            let isPerClass = solver == "liblinear" || (solver == "newton-cholesky" && version > 0 && version < 104)
            return classCount == 2 || isPerClass ? .sigmoid : .softmax
        case "LinearDiscriminantAnalysis": return classCount == 2 ? .sigmoid : .softmax
        case "SGDClassifier":
            switch object.text("loss") {
            case "log", "log_loss": return .sigmoid
            case "modified_huber": return .modifiedHuber
            default: return .none
            }
        default: return .none
        }
    }

    private static func scalings(
        _ object: FittedObject,
        width: Int
    ) throws(ModelRejection) -> (mean: [Double], rows: Matrix)? {
        guard object.has("scalings_"), object.text("solver") != "lsqr" else { return nil }
        let all = try object.matrix("scalings_")
        guard all.rows == width else { throw object.fault("scalings_", "has \(all.rows) rows for \(width) features") }
        let count = min(max(object.int("_max_components") ?? all.columns, 0), all.columns)
        var values: [Double] = []
        for column in 0..<count { values += all.column(column) }
        let mean = try object.optionalVector("xbar_", count: width) ?? [Double](repeating: 0, count: width)
        return (mean, Matrix(rows: count, columns: width, values: values))
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        try checked(x).timesTransposed(weights, plus: offsets)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let scores = try decision(x)
        return weights.rows == 1 ? labels(ofSigns: scores, among: labels) : labels(ofLargest: scores, among: labels)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let scores = try decision(x)
        switch kind {
        case .none: throw .unsupported(method: "predict_proba", estimator: name)
        case .softmax: return scores.softmax()
        case .symmetricSoftmax:
            return Matrix(rows: scores.rows, columns: 2, values: scores.values.flatMap { [-$0, $0] }).softmax()
        case .sigmoid:
            let each = scores.mapped(logistic)
            return weights.rows == 1 ? each.withComplement() : each.normalized()
        case .modifiedHuber:
            let each = scores.mapped { (min(max($0, -1), 1) + 1) / 2 }
            return weights.rows == 1 ? each.withComplement() : each.normalized(uniformWhereZero: true)
        }
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard let scalings else { throw .unsupported(method: "transform", estimator: name) }
        var matrix = try checked(x)
        for index in matrix.values.indices { matrix.values[index] -= scalings.mean[index % matrix.columns] }
        let zeros = [Double](repeating: 0, count: scalings.rows.rows)
        return Features(matrix.timesTransposed(scalings.rows, plus: zeros))
    }
}
