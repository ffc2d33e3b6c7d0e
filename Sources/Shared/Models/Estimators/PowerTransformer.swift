/// Each column through a power that makes it more normal, then scaled.
struct PowerTransformer: Estimator {
    let name: String
    private let powers: [Double]
    private let isBoxCox: Bool
    private let scaler: ColumnScaler?

    var width: Int? { powers.count }
    var methods: EstimatorMethods { [.transform, .inverse] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        powers = try object.looseVector("lambdas_")
        guard !powers.isEmpty, (object.fittedWidth ?? powers.count) == powers.count else {
            throw object.fault("lambdas_", "has \(powers.count) entries")
        }
        isBoxCox = object.text("method") == "box-cox"
        if object.bool("standardize") ?? true {
            scaler = try ColumnScaler(object.object("_scaler"))
            guard scaler?.width == powers.count else { throw object.fault("_scaler", "has another number of columns") }
        } else {
            scaler = nil
        }
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var matrix = try checked(x, allowsMissing: true)
        for index in matrix.values.indices {
            let value = matrix.values[index]
            let exponent = powers[index % powers.count]
            if isBoxCox {
                guard !(value <= 0) else {
                    throw .other(
                        "row \(index / matrix.columns), feature \(index % matrix.columns) is not positive, as Box-Cox needs"
                    )
                }
                matrix.values[index] = boxCox(value, exponent)
            } else {
                matrix.values[index] =
                    value >= 0 ? boxCox(value + 1, exponent, of: value) : -boxCox(1 - value, 2 - exponent, of: -value)
            }
        }
        let result = Features(matrix)
        return try scaler?.transform(result) ?? result
    }

    /// (x^λ - 1) / λ, and the logarithm at λ = 0; `excess` is x - 1 where that is known more exactly.
    private func boxCox(_ x: Double, _ exponent: Double, of excess: Double? = nil) -> Double {
        if exponent.isNaN { return x - (excess == nil ? 0 : 1) }
        let logarithm = excess.map(logarithmOfOnePlus) ?? Models.logarithm(x)
        if exponent.magnitude < Double.ulpOfOne { return logarithm }
        return exponentialMinusOne(exponent * logarithm) / exponent
    }

    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix {
        var matrix = try scaler?.inverse(x) ?? x
        guard matrix.columns == powers.count else { throw .columns(given: matrix.columns, expected: powers.count) }
        for index in matrix.values.indices {
            let value = matrix.values[index]
            let exponent = powers[index % powers.count]
            if isBoxCox {
                matrix.values[index] = unBoxCox(value, exponent) + 1
            } else {
                matrix.values[index] = value >= 0 ? unBoxCox(value, exponent) : -unBoxCox(-value, 2 - exponent)
            }
        }
        return matrix
    }

    /// (λ y + 1)^(1/λ) - 1, and e^y - 1 at λ = 0.
    private func unBoxCox(_ y: Double, _ exponent: Double) -> Double {
        if exponent.isNaN { return y }
        if exponent.magnitude < Double.ulpOfOne { return exponentialMinusOne(y) }
        return exponentialMinusOne(logarithmOfOnePlus(exponent * y) / exponent)
    }
}
