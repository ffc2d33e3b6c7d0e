/// The scalers: each column minus something, divided by something.
struct ColumnScaler: Estimator {
    let name: String
    let width: Int?
    private let columns: Int
    /// Taken off first.
    private let offsets: [Double]?
    /// Divided by.
    private let divisors: [Double]?
    /// `MinMaxScaler` multiplies and adds instead.
    private let factors: [Double]?
    private let summands: [Double]?
    private let bounds: ClosedRange<Double>?

    var methods: EstimatorMethods { [.transform, .inverse] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        var (offsets, divisors, factors, summands): ([Double]?, [Double]?, [Double]?, [Double]?) = (nil, nil, nil, nil)
        var bounds: ClosedRange<Double>?
        switch name {
        case "StandardScaler":
            if object.bool("with_mean") ?? true { offsets = try object.vector("mean_") }
            if object.bool("with_std") ?? true { divisors = try object.optionalVector("scale_") }
        case "RobustScaler":
            if object.bool("with_centering") ?? true { offsets = try object.vector("center_") }
            if object.bool("with_scaling") ?? true { divisors = try object.vector("scale_") }
        case "MaxAbsScaler":
            divisors = try object.vector("scale_")
            if object.bool("clip") ?? false { bounds = -1...1 }
        default:
            factors = try object.vector("scale_")
            summands = try object.vector("min_")
            if object.bool("clip") ?? false {
                let range = try object.vector("feature_range", count: 2)
                guard range[0] <= range[1] else { throw object.fault("feature_range", "is empty") }
                bounds = range[0]...range[1]
            }
        }
        let counts = [offsets, divisors, factors, summands].compactMap { $0?.count }
        guard let columns = counts.first ?? object.fittedWidth, counts.allSatisfy({ $0 == columns }),
            (object.fittedWidth ?? columns) == columns
        else { throw object.fault("its numbers do not fit its number of features") }
        for numbers in [divisors, factors] where numbers?.contains(0) == true {
            throw object.fault("scale_", "holds a zero")
        }
        self.columns = columns
        width = columns
        (self.offsets, self.divisors, self.factors, self.summands) = (offsets, divisors, factors, summands)
        self.bounds = bounds
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var matrix = try checked(x, allowsMissing: true)
        for index in matrix.values.indices {
            let column = index % columns
            var value = matrix.values[index]
            if let offsets { value -= offsets[column] }
            if let divisors { value /= divisors[column] }
            if let factors { value *= factors[column] }
            if let summands { value += summands[column] }
            if let bounds, !value.isNaN { value = min(max(value, bounds.lowerBound), bounds.upperBound) }
            matrix.values[index] = value
        }
        return Features(matrix)
    }

    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix {
        guard x.columns == columns else { throw .columns(given: x.columns, expected: columns) }
        var matrix = x
        for index in matrix.values.indices {
            let column = index % columns
            var value = matrix.values[index]
            if let summands { value -= summands[column] }
            if let factors { value /= factors[column] }
            if let divisors { value *= divisors[column] }
            if let offsets { value += offsets[column] }
            matrix.values[index] = value
        }
        return matrix
    }
}
