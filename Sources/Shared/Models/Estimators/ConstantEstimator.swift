/// The dummies: answers that do not look at the row.
struct ConstantEstimator: Estimator {
    let name: String
    let width: Int?
    let classes: [Label]?
    /// What regressors answer, or the classes' probabilities.
    private let values: [Double]
    private let answer: Label?

    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        // The dummies do not look at the rows at all, not even at their width.
        width = nil
        guard name == "DummyClassifier" else {
            values = try object.vector("constant_")
            classes = nil
            answer = nil
            return
        }
        let labels = try object.labels("classes_")
        guard !labels.isEmpty else { throw object.fault("classes_", "is empty") }
        classes = labels
        let priors = try object.vector("class_prior_", count: labels.count)
        let largest = labels.indices.reduce(0) { priors[$1] > priors[$0] ? $1 : $0 }
        switch object.text("strategy") ?? object.text("_strategy") ?? "prior" {
        case "prior":
            values = priors
            answer = labels[largest]
        case "most_frequent":
            values = labels.indices.map { $0 == largest ? 1 : 0 }
            answer = labels[largest]
        case "constant":
            guard let constant = Self.constant(object), let place = labels.firstIndex(of: constant)
            else { throw object.fault("constant", "is none of its classes") }
            values = labels.indices.map { $0 == place ? 1 : 0 }
            answer = constant
        default: throw object.fault(.unsupported, "it answers at random")
        }
    }

    /// A plain value, or an array or list of one.
    private static func constant(_ object: FittedObject) -> Label? {
        guard let node = object.optional("constant") else { return nil }
        switch object.graph.value(node) {
        case .int(let value): return .int(value)
        case .float(let value): return .number(value)
        case .bool(let value): return .bool(value)
        case .text(let range): return .text(object.graph.text(range))
        default: return (try? object.labels(node, "constant"))?.first
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        if let answer { return .labels([Label](repeating: answer, count: x.rows)) }
        if values.count == 1 { return .values([Double](repeating: values[0], count: x.rows)) }
        return .rows(Matrix(rows: x.rows, columns: values.count, values: (0..<x.rows).flatMap { _ in values }))
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "predict_proba", estimator: name) }
        return Matrix(rows: x.rows, columns: values.count, values: (0..<x.rows).flatMap { _ in values })
    }
}
