/// The weights of a linear booster (`gblinear`).
struct XGBoostLinear: Sendable {
    /// Feature by feature, a weight for each group; the biases last.
    let weights: [Float]

    /// Bias, then feature after feature, in 32 bits; missing values add nothing.
    func add(row: UnsafePointer<Double>, features: Int, to sums: UnsafeMutablePointer<Double>, groups: Int) {
        weights.withUnsafeBufferPointer { weights in
            for group in 0..<groups {
                var sum = weights[features * groups + group] + Float(sums[group])
                for feature in 0..<features where !row[feature].isNaN {
                    sum += Float(row[feature]) * weights[feature * groups + group]
                }
                sums[group] = Double(sum)
            }
        }
    }
}
