/// Classifiers that vote, by their answers (hard) or their probabilities (soft).
struct VotingClassifier: Estimator {
    let name: String
    let classes: [Label]?
    private let labels: [Label]
    private let estimators: [any Estimator]
    private let weights: [Double]
    private let isSoft: Bool

    var width: Int? { estimators[0].width }
    var methods: EstimatorMethods { isSoft ? [.predict, .probabilities] : .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        estimators = try object.estimators("estimators_")
        weights = try VotingWeights.read(object, count: estimators.count)
        let labels = try object.has("classes_") ? object.labels("classes_") : object.object("le_").labels("classes_")
        guard !labels.isEmpty else { throw object.fault("classes_", "is empty") }
        isSoft = object.text("voting") == "soft"
        for estimator in estimators {
            guard estimator.classes?.count == labels.count, !isSoft || estimator.methods.contains(.probabilities) else {
                throw object.fault("an estimator of it has other classes, or no probabilities")
            }
        }
        (self.labels, classes) = (labels, labels)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard isSoft else { throw .unsupported(method: "predict_proba", estimator: name) }
        var sums = [Double](repeating: 0, count: x.rows * labels.count)
        for (estimator, weight) in zip(estimators, weights) {
            let part = try estimator.probabilities(x)
            for index in sums.indices { sums[index] += weight * part.values[index] }
        }
        let total = weights.reduce(0, +)
        return Matrix(rows: x.rows, columns: labels.count, values: sums.map { $0 / total })
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        if isSoft { return labels(ofLargest: try probabilities(x), among: labels) }
        var votes = Matrix(
            rows: x.rows,
            columns: labels.count,
            values: [Double](repeating: 0, count: x.rows * labels.count)
        )
        for (estimator, weight) in zip(estimators, weights) {
            guard case .labels(let answers) = try estimator.predict(x) else {
                throw .other("\(estimator.name) does not vote")
            }
            for (row, answer) in answers.enumerated() {
                // The estimators were fitted on the places of the classes.
                guard let number = answer.number, let place = Int(exactly: number), labels.indices.contains(place)
                else {
                    throw .other("\(estimator.name) votes for a class that is not there")
                }
                votes[row, place] += weight
            }
        }
        return labels(ofLargest: votes, among: labels)
    }
}

/// The weights of a vote, without those of estimators that were left out.
enum VotingWeights {
    static func read(_ object: FittedObject, count: Int) throws(ModelRejection) -> [Double] {
        guard object.has("weights") else { return [Double](repeating: 1, count: count) }
        var weights = try object.vector("weights")
        if weights.count != count {
            let all = try object.items("estimators")
            guard all.count == weights.count else { throw object.fault("weights", "has \(weights.count) entries") }
            weights = zip(all, weights).filter { entry, _ in
                guard let last = object.graph.sequence(entry)?.last else { return true }
                if case .none = object.graph.value(last) { return false }
                return !object.graph.isText(last, "drop")
            }.map(\.1)
        }
        guard weights.count == count, weights.reduce(0, +) != 0 else { throw object.fault("weights", "does not fit") }
        return weights
    }
}
