/// Each column through its own distribution function, perhaps on to a normal distribution.
struct QuantileTransformer: Estimator {
    /// This near to the ends a value counts as the end; the library's constant.
    private static let margin = 1e-7

    private struct Column {
        let forward: PiecewiseLinear
        /// The same line read from the right: with equal quantiles the mean of both is taken.
        let backward: PiecewiseLinear
        let inverse: PiecewiseLinear
    }

    let name: String
    private let columns: [Column]
    private let isNormal: Bool
    private let normalBounds: ClosedRange<Double>

    var width: Int? { columns.count }
    var methods: EstimatorMethods { [.transform, .inverse] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let references = try object.vector("references_")
        let quantiles = try object.anyNumbers("quantiles_")
        guard quantiles.shape.count == 2, quantiles.shape[0] == references.count, quantiles.shape[1] > 0,
            (object.fittedWidth ?? quantiles.shape[1]) == quantiles.shape[1]
        else { throw object.fault("quantiles_", "has the shape \(quantiles.shape)") }
        let matrix = Matrix(rows: quantiles.shape[0], columns: quantiles.shape[1], values: quantiles.values)
        var columns: [Column] = []
        for column in 0..<matrix.columns {
            let values = matrix.column(column)
            guard values.allSatisfy(\.isFinite), let forward = PiecewiseLinear(x: values, y: references),
                let backward = PiecewiseLinear(x: values.reversed().map { -$0 }, y: references.reversed().map { -$0 }),
                let inverse = PiecewiseLinear(x: references, y: values)
            else { throw object.fault("quantiles_", "falls in column \(column)") }
            columns.append(Column(forward: forward, backward: backward, inverse: inverse))
        }
        self.columns = columns
        isNormal = object.text("output_distribution") == "normal"
        let low = NormalDistribution.quantile(Self.margin - Double.ulpOfOne)
        let high = NormalDistribution.quantile(1 - (Self.margin - Double.ulpOfOne))
        normalBounds = low...high
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var matrix = try checked(x, allowsMissing: true)
        for index in matrix.values.indices where !matrix.values[index].isNaN {
            matrix.values[index] = forward(matrix.values[index], columns[index % columns.count])
        }
        return Features(matrix)
    }

    private func forward(_ value: Double, _ column: Column) -> Double {
        let ends = (column.forward.x[0], column.forward.x[column.forward.x.count - 1])
        var result = 0.5 * (column.forward.value(value) - column.backward.value(-value))
        let isLow = isNormal ? value - Self.margin < ends.0 : value == ends.0
        let isHigh = isNormal ? value + Self.margin > ends.1 : value == ends.1
        if isHigh { result = 1 }
        if isLow { result = 0 }
        guard isNormal else { return result }
        return NormalDistribution.quantile(result).clamped(normalBounds.lowerBound, normalBounds.upperBound)
    }

    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix {
        guard x.columns == columns.count else { throw .columns(given: x.columns, expected: columns.count) }
        var matrix = x
        for index in matrix.values.indices where !matrix.values[index].isNaN {
            let column = columns[index % columns.count]
            var value = matrix.values[index]
            if isNormal { value = NormalDistribution.cumulative(value) }
            let isLow = isNormal ? value - Self.margin < 0 : value == 0
            let isHigh = isNormal ? value + Self.margin > 1 : value == 1
            var result = column.inverse.value(value)
            if isHigh { result = column.forward.x[column.forward.x.count - 1] }
            if isLow { result = column.forward.x[0] }
            matrix.values[index] = result
        }
        return matrix
    }
}
