/// Linear regressions of all kinds: X coefᵀ + intercept, through an exponential where the link is the logarithm.
struct LinearRegressor: Estimator {
    let name: String
    /// One row for each output.
    let weights: Matrix
    let offsets: [Double]
    let isExponential: Bool
    /// Whether the coefficients have two dimensions: then answers have as well.
    let hasRows: Bool
    /// Whether the file has the coefficients in 32 bits.
    let isSingle: Bool

    var width: Int? { weights.columns }
    var methods: EstimatorMethods { .predict }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let coefficients = try object.anyNumbers("coef_")
        weights = try object.matrix(coefficients, "coef_")
        isSingle = object.isSingle("coef_")
        guard weights.rows > 0, weights.columns > 0 else { throw object.fault("coef_", "is empty") }
        hasRows = coefficients.shape.count == 2 && name != "LinearSVR" && name != "SGDRegressor"
        guard hasRows || weights.rows == 1 else { throw object.fault("coef_", "has several rows") }
        offsets = try Self.offsets(object, count: weights.rows)
        if let expected = object.fittedWidth, expected != weights.columns {
            throw object.fault("coef_", "has \(weights.columns) columns for \(expected) features")
        }
        switch name {
        case "PoissonRegressor", "GammaRegressor": isExponential = true
        case "TweedieRegressor":
            let link = object.text("link") ?? "auto"
            // 'auto': the identity for the normal distribution and its kin, whose power is at most 0.
            isExponential = link == "log" || (link == "auto" && (object.double("power") ?? 0) > 0)
        default: isExponential = false
        }
    }

    /// The intercept for each output: a number, a vector, or absent.
    static func offsets(_ object: FittedObject, count: Int) throws(ModelRejection) -> [Double] {
        guard object.has("intercept_") else { return [Double](repeating: 0, count: count) }
        let offsets = try object.vector("intercept_")
        if offsets.count == 1 { return [Double](repeating: offsets[0], count: count) }
        guard offsets.count == count else {
            throw object.fault("intercept_", "has \(offsets.count) numbers for \(count) outputs")
        }
        return offsets
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        var result = try checked(x).timesTransposed(weights, plus: offsets)
        if isExponential { result = result.mapped(exponential) }
        return hasRows ? .rows(result) : .values(result.values)
    }

    /// The answers for rows that have been rounded to 32 bits, computed in them as the library does if it was fitted so.
    func predict(single rows: Matrix) throws(PredictionError) -> Answer {
        guard isSingle, weights.rows == 1, !isExponential else { return try predict(Features(rows)) }
        let single = try checked(Features(rows), isFloat32: true).values.map { Float($0) }
        let coefficients = weights.values.map { Float($0) }
        let values = single.withUnsafeBufferPointer { all in
            (0..<rows.rows).map { row in
                let part = UnsafeBufferPointer(rebasing: all[row * rows.columns..<(row + 1) * rows.columns])
                return Double(SingleDot.of(part, coefficients) + Float(offsets[0]))
            }
        }
        return .values(values)
    }
}
