/// Bagging: the mean of estimators, each on its own columns.
struct Bagging: Estimator {
    let name: String
    let width: Int?
    let classes: [Label]?
    private let estimators: [any Estimator]
    private let subsets: FeatureSubsets
    /// For each estimator, where its classes stand among all.
    private let places: [[Int]]

    var methods: EstimatorMethods {
        guard classes != nil else { return .predict }
        let each = estimators.reduce(EstimatorMethods.decision) { $0.intersection($1.methods) }
        return each.union([.predict, .probabilities])
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        guard let features = object.fittedWidth else { throw object.fault("it does not say how many features it has") }
        width = features
        estimators = try object.estimators("estimators_")
        subsets = try FeatureSubsets(object, count: estimators.count, features: features)
        for (estimator, columns) in zip(estimators, subsets.columns) {
            guard (estimator.width ?? columns.count) == columns.count else {
                throw object.fault("an estimator takes other columns")
            }
        }
        guard name.hasSuffix("Classifier") else {
            classes = nil
            places = []
            return
        }
        let labels = try object.labels("classes_")
        classes = labels
        var places: [[Int]] = []
        for estimator in estimators {
            // The estimators were fitted on the places of the classes.
            let found = (estimator.classes ?? []).compactMap { $0.number.flatMap { Int(exactly: $0) } }
            guard !found.isEmpty, found.count == estimator.classes?.count, found.allSatisfy(labels.indices.contains)
            else {
                throw object.fault("an estimator of it has other classes")
            }
            places.append(found)
        }
        self.places = places
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard let classes else { throw .unsupported(method: "predict_proba", estimator: name) }
        return try mean(x, columns: classes.count) { (estimator, part) throws(PredictionError) in
            if estimator.methods.contains(.probabilities) { return try estimator.probabilities(part) }
            guard case .labels(let votes) = try estimator.predict(part), let own = estimator.classes else {
                throw .other("\(estimator.name) does not vote")
            }
            return Matrix(
                rows: votes.count,
                columns: own.count,
                values: votes.flatMap { vote in own.map { $0 == vote ? 1 : 0 } }
            )
        }
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        guard let classes, methods.contains(.decision) else {
            throw .unsupported(method: "decision_function", estimator: name)
        }
        if classes.count == 2 {
            return try mean(x, columns: nil) { (estimator, part) throws(PredictionError) in try estimator.decision(part)
            }
        }
        return try mean(x, columns: classes.count) { (estimator, part) throws(PredictionError) in
            try estimator.decision(part)
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        if let classes { return labels(ofLargest: try probabilities(x), among: classes) }
        let mean = try mean(x, columns: nil) { (estimator, part) throws(PredictionError) in
            guard let matrix = try estimator.predict(part).matrix else {
                throw .other("\(estimator.name) gives no numbers")
            }
            return matrix
        }
        return mean.columns == 1 ? .values(mean.values) : .rows(mean)
    }

    /// The mean of what the estimators give; with `columns` each column goes to the place of its class.
    private func mean(
        _ x: Features,
        columns: Int?,
        _ of: (any Estimator, Features) throws(PredictionError) -> Matrix
    ) throws(PredictionError) -> Matrix {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        var sums: Matrix?
        for (number, estimator) in estimators.enumerated() {
            let part = try of(estimator, subsets.select(x, for: number))
            let width = columns ?? part.columns
            var total =
                sums ?? Matrix(rows: x.rows, columns: width, values: [Double](repeating: 0, count: x.rows * width))
            let targets =
                columns == nil || part.columns != places[number].count ? Array(0..<part.columns) : places[number]
            guard total.columns >= part.columns, (targets.max() ?? 0) < total.columns else {
                throw .other("\(estimator.name) gives \(part.columns) columns")
            }
            for row in 0..<x.rows {
                for (column, target) in targets.enumerated() { total[row, target] += part[row, column] }
            }
            sums = total
        }
        guard let sums else { throw .other("\(name) is empty") }
        let count = Double(estimators.count)
        return sums.mapped { $0 / count }
    }
}
