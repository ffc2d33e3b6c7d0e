/// Calibrated probabilities: the mean over classifiers, each with a curve for each class.
struct CalibratedClassifier: Estimator {
    private enum Curve {
        /// 1 / (1 + e^(a f + b))
        case sigmoid(a: Double, b: Double)
        case isotonic(IsotonicRegression)

        func value(_ score: Double) -> Double {
            switch self {
            case .sigmoid(let a, let b): logistic(-(a * score + b))
            case .isotonic(let curve): curve.value(score)
            }
        }
    }

    private struct Part {
        let estimator: any Estimator
        /// For each curve the place of its class.
        let curves: [(curve: Curve, place: Int)]
    }

    let name: String
    let classes: [Label]?
    private let labels: [Label]
    private let parts: [Part]

    var width: Int? { parts[0].estimator.width }
    var methods: EstimatorMethods { [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let labels = try object.labels("classes_")
        guard labels.count >= 2 else { throw object.fault("classes_", "has fewer than two classes") }
        var parts: [Part] = []
        for node in try object.items("calibrated_classifiers_") {
            parts.append(try Self.part(FittedObject(object.builder, node), labels))
        }
        guard !parts.isEmpty else { throw object.fault("calibrated_classifiers_", "is empty") }
        (self.labels, classes, self.parts) = (labels, labels, parts)
    }

    private static func part(_ object: FittedObject, _ labels: [Label]) throws(ModelRejection) -> Part {
        guard object.name == "_CalibratedClassifier" else { throw object.fault("it is no calibrated classifier") }
        let estimator = try object.estimator(object.has("estimator") ? "estimator" : "base_estimator")
        guard estimator.methods.contains(.decision) || estimator.methods.contains(.probabilities),
            let own = estimator.classes
        else { throw object.fault("its estimator gives neither scores nor probabilities") }
        var places: [Int] = []
        for label in own {
            guard let place = labels.firstIndex(of: label) else {
                throw object.fault("its estimator has other classes")
            }
            places.append(place)
        }
        let nodes = try object.items(object.has("calibrators") ? "calibrators" : "calibrators_")
        guard labels.count == 2 ? nodes.count == 1 : nodes.count == places.count else {
            throw object.fault("it has \(nodes.count) curves for \(places.count) classes")
        }
        var curves: [(Curve, Int)] = []
        for (index, node) in nodes.enumerated() {
            let curve = try FittedObject(object.builder, node)
            let place = labels.count == 2 ? 1 : places[index]
            switch curve.name {
            case "_SigmoidCalibration":
                curves.append((.sigmoid(a: try curve.number("a_"), b: try curve.number("b_")), place))
            case "IsotonicRegression": curves.append((.isotonic(try IsotonicRegression(curve)), place))
            default: throw curve.fault(.unsupported, "it is no calibration curve that is supported")
            }
        }
        return Part(estimator: estimator, curves: curves)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let count = labels.count
        var sums = [Double](repeating: 0, count: x.rows * count)
        for part in parts {
            let scores: Matrix
            if part.estimator.methods.contains(.decision) {
                scores = try part.estimator.decision(x)
            } else {
                let all = try part.estimator.probabilities(x)
                scores = count == 2 ? Matrix(rows: all.rows, columns: 1, values: all.column(1)) : all
            }
            guard scores.columns == part.curves.count else {
                throw .other("\(part.estimator.name) gives \(scores.columns) scores for \(part.curves.count) curves")
            }
            for row in 0..<x.rows {
                var each = [Double](repeating: 0, count: count)
                for (column, curve) in part.curves.enumerated() {
                    each[curve.place] = curve.curve.value(scores[row, column])
                }
                if count == 2 {
                    each[0] = 1 - each[1]
                } else {
                    let sum = each.reduce(0, +)
                    each = each.map { sum == 0 ? 1 / Double(count) : $0 / sum }
                }
                for place in 0..<count { sums[row * count + place] += each[place] }
            }
        }
        return Matrix(rows: x.rows, columns: count, values: sums.map { $0 / Double(parts.count) })
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        labels(ofLargest: try probabilities(x), among: labels)
    }
}
