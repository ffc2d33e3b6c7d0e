/// A classifier for each class against all others.
struct OneVsRest: Estimator {
    let name: String
    let classes: [Label]?
    private let labels: [Label]
    private let estimators: [any Estimator]

    var width: Int? { estimators[0].width }

    var methods: EstimatorMethods {
        estimators.reduce(EstimatorMethods([.probabilities, .decision])) { $0.intersection($1.methods) }.union(.predict)
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let binarizer = try object.object("label_binarizer_")
        if binarizer.text("y_type_")?.hasPrefix("multilabel") == true {
            throw object.fault(.unsupported, "several labels at once are not supported")
        }
        let labels = try binarizer.labels("classes_")
        estimators = try object.estimators("estimators_")
        guard labels.count >= 2, estimators.count == (labels.count == 2 ? 1 : labels.count) else {
            throw object.fault("estimators_", "has \(estimators.count) entries for \(labels.count) classes")
        }
        for estimator in estimators
        where !estimator.methods.contains(.decision) && !estimator.methods.contains(.probabilities) {
            throw object.fault("\(estimator.name) gives neither scores nor probabilities")
        }
        (self.labels, classes) = (labels, labels)
    }

    /// What speaks for each class.
    private func columns(_ x: Features, _ wantsDecision: Bool?) throws(PredictionError) -> [[Double]] {
        var columns: [[Double]] = []
        for estimator in estimators {
            if wantsDecision ?? estimator.methods.contains(.decision) {
                columns.append(try estimator.decision(x).values)
            } else {
                let both = try estimator.probabilities(x)
                guard both.columns == 2 else { throw .other("\(estimator.name) does not have two classes") }
                columns.append(both.column(1))
            }
        }
        return columns
    }

    private func matrix(_ columns: [[Double]], rows: Int) -> Matrix {
        Matrix(rows: rows, columns: columns.count, values: (0..<rows).flatMap { row in columns.map { $0[row] } })
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix { matrix(try columns(x, true), rows: x.rows) }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let columns = try columns(x, false)
        if columns.count == 1 { return matrix(columns, rows: x.rows).withComplement() }
        return matrix(columns, rows: x.rows).normalized()
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let scores = try columns(x, nil)
        if scores.count == 1 {
            let threshold = estimators[0].methods.contains(.decision) ? 0 : 0.5
            return .labels(scores[0].map { $0 > threshold ? labels[1] : labels[0] })
        }
        return .labels(
            (0..<x.rows).map { row in
                // Of equal scores the last wins, as in the library.
                labels[scores.indices.reduce(0) { scores[$1][row] >= scores[$0][row] ? $1 : $0 }]
            }
        )
    }
}
