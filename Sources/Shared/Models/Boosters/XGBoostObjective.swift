import Glibc

/// What XGBoost makes of raw scores, by the objective's name.
package struct XGBoostObjective: Sendable, Equatable {
    enum Link: Sendable { case identity, sigmoid, exponential, step, softmax, argmax }
    /// How the stored base score becomes a raw score.
    enum Base: Sendable { case asIs, logit, logarithm }

    package let name: String
    let link: Link
    let base: Base

    /// Nil for a name that is not known.
    init?(_ name: String) {
        self.name = name
        switch name {
        case "reg:squarederror", "reg:linear", "reg:gpu:linear", "reg:squaredlogerror", "reg:absoluteerror",
            "reg:pseudohubererror", "reg:quantileerror", "rank:pairwise", "rank:ndcg", "rank:map",
            "binary:logitraw":
            (link, base) = (.identity, .asIs)
        case "binary:logistic", "reg:logistic": (link, base) = (.sigmoid, .logit)
        case "binary:hinge": (link, base) = (.step, .asIs)
        case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft":
            (link, base) = (.exponential, .logarithm)
        case "multi:softprob": (link, base) = (.softmax, .asIs)
        case "multi:softmax": (link, base) = (.argmax, .asIs)
        default: return nil
        }
    }

    /// In 32 bits, as the library computes it; nil for a score outside of the link's range.
    func margin(ofBase score: Float) -> Float? {
        switch base {
        case .asIs: return score.isFinite ? score : nil
        case .logit: return score > 0 && score < 1 ? -logf(1 / score - 1) : nil
        case .logarithm: return score > 0 && score.isFinite ? logf(score) : nil
        }
    }

    /// 1 / (1 + e^-x) in 32 bits.
    ///
    /// Beyond 88.7 the exponential of a 32-bit number is infinite.
    static func sigmoid(_ value: Float) -> Float { 1 / (expf(min(-value, 88.7)) + 1) }

    /// e^x over the sum of all, in 32 bits with a 64-bit sum; columns of 64-bit numbers.
    static func softmax(_ margins: UnsafePointer<Double>, _ count: Int, _ into: UnsafeMutablePointer<Double>) {
        var most = Float(margins[0])
        for index in 1..<max(1, count) { most = max(most, Float(margins[index])) }
        var sum = 0.0
        for index in 0..<count {
            into[index] = Double(expf(Float(margins[index]) - most))
            sum += into[index]
        }
        let divisor = Float(sum)
        for index in 0..<count { into[index] = Double(Float(into[index]) / divisor) }
    }

    /// The first of the largest.
    static func argmax(_ values: UnsafePointer<Double>, _ count: Int) -> Int {
        var best = 0
        for index in 1..<max(1, count) where values[index] > values[best] { best = index }
        return best
    }
}

extension XGBoostObjective {
    /// One score linked, where scores do not depend on each other.
    func answer(_ margin: Float) -> Float {
        switch link {
        case .sigmoid: return Self.sigmoid(margin)
        case .exponential: return expf(margin)
        case .step: return margin > 0 ? 1 : 0
        case .identity, .softmax, .argmax: return margin
        }
    }
}
