import Glibc

/// What LightGBM makes of raw scores, by the objective's line.
package struct LightGBMObjective: Sendable, Equatable {
    enum Link: Sendable, Equatable {
        case identity
        /// 1 / (1 + e^(-s x)) for each score by itself, with its slope.
        case sigmoid(Double)
        case softmax
        case exponential
        /// The model was fitted to square roots: x |x|.
        case signedSquare
        /// log(1 + e^x).
        case logOnePlusExponential
    }

    /// The first word of the line; "custom" where there is no line.
    package let name: String
    let link: Link
    /// The number of classes that the line names.
    let classes: Int?

    /// - Throws: `unsupported` for an unknown name, `invalidModel` for a parameter that is no number.
    init(_ line: String, at offset: Int) throws(ModelRejection) {
        let words = line.split(separator: " ")
        name = words.first.map(String.init) ?? "custom"
        var slope = 1.0
        var classes: Int?
        for word in words.dropFirst() {
            let pair = word.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "sigmoid":
                guard let value = Double(pair[1]), value.isFinite, value > 0 else {
                    throw ModelRejection(.invalidModel, "LightGBM: the slope of the sigmoid is no number", at: offset)
                }
                slope = value
            case "num_class":
                guard let value = Int(pair[1]), value > 0 else {
                    throw ModelRejection(.invalidModel, "LightGBM: the objective's num_class is no number", at: offset)
                }
                classes = value
            default: break
            }
        }
        self.classes = classes
        switch name {
        case "regression", "regression_l2", "regression_l1", "huber", "fair", "quantile", "mape":
            link = words.contains("sqrt") ? .signedSquare : .identity
        case "lambdarank", "rank_xendcg", "custom", "none", "null", "na": link = .identity
        case "binary", "multiclassova": link = .sigmoid(slope)
        case "cross_entropy": link = .sigmoid(1)
        case "cross_entropy_lambda": link = .logOnePlusExponential
        case "multiclass": link = .softmax
        case "poisson", "gamma", "tweedie": link = .exponential
        default:
            throw ModelRejection(
                .unsupported,
                "LightGBM: the objective \(BoosterAssembly.shown(name)) is not known",
                at: offset
            )
        }
    }

    func answer(_ margin: Double) -> Double {
        switch link {
        case .identity, .softmax: margin
        case .sigmoid(let slope): 1 / (1 + exp(-slope * margin))
        case .exponential: exp(margin)
        case .signedSquare: margin * margin.magnitude
        case .logOnePlusExponential: log1p(exp(margin))
        }
    }

    func answer(_ margins: UnsafePointer<Double>, _ count: Int, into: UnsafeMutablePointer<Double>) {
        guard link == .softmax else {
            for index in 0..<count { into[index] = answer(margins[index]) }
            return
        }
        var most = margins[0]
        for index in 0..<count { most = max(most, margins[index]) }
        var sum = 0.0
        for index in 0..<count {
            into[index] = exp(margins[index] - most)
            sum += into[index]
        }
        for index in 0..<count { into[index] /= sum }
    }
}
