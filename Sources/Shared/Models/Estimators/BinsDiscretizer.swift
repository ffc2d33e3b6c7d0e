/// `KBinsDiscretizer`: each value becomes the number of its bin, or a column for each bin.
struct BinsDiscretizer: Estimator {
    let name: String
    /// The edges between the bins of each column, without the outer ones.
    private let edges: [[Double]]
    private let isOneHot: Bool
    /// Early versions moved values up a little before they looked at the edges.
    private let isTolerant: Bool

    var width: Int? { edges.count }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        var edges: [[Double]] = []
        for node in try object.items("bin_edges_") {
            let values = try NumberArray(node, of: object).values
            // The outer edges are infinite where a column was constant.
            let inner = Array(values.dropFirst().dropLast())
            guard values.count >= 2, inner.allSatisfy(\.isFinite),
                zip(inner, inner.dropFirst()).allSatisfy({ $0 <= $1 })
            else {
                throw object.fault("bin_edges_", "does not rise")
            }
            edges.append(inner)
        }
        guard !edges.isEmpty, (object.fittedWidth ?? edges.count) == edges.count else {
            throw object.fault("bin_edges_", "has \(edges.count) entries")
        }
        self.edges = edges
        isOneHot = object.text("encode") != "ordinal"
        isTolerant = object.minorVersion > 0 && object.minorVersion < 101
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        let matrix = try checked(x)
        let total = isOneHot ? edges.reduce(0) { $0 + $1.count + 1 } : edges.count
        try Features.checkSize(rows: x.rows, columns: total)
        var values = [Double](repeating: 0, count: matrix.rows * total)
        for row in 0..<matrix.rows {
            var start = row * total
            for column in edges.indices {
                var value = matrix[row, column]
                if isTolerant { value += 1e-8 + 1e-5 * value.magnitude }
                let bin = edges[column].firstIndex { $0 > value } ?? edges[column].count
                if isOneHot {
                    values[start + bin] = 1
                    start += edges[column].count + 1
                } else {
                    values[start + column] = Double(bin)
                }
            }
        }
        return Features(Matrix(rows: matrix.rows, columns: total, values: values))
    }
}
