/// `Normalizer`: each row divided by its norm.
struct RowNormalizer: Estimator {
    private enum Norm: String {
        case l1, l2, max
    }

    let name: String
    let width: Int?
    private let norm: Norm

    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        width = object.fittedWidth
        guard let norm = Norm(rawValue: object.text("norm") ?? "l2") else { throw object.fault("norm", "is not known") }
        self.norm = norm
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var matrix = try checked(x)
        for row in 0..<matrix.rows {
            let range = row * matrix.columns..<(row + 1) * matrix.columns
            let size: Double
            switch norm {
            case .l1: size = matrix.values[range].reduce(0) { $0 + $1.magnitude }
            case .l2: size = matrix.values[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
            case .max: size = matrix.values[range].reduce(0) { Swift.max($0, $1.magnitude) }
            }
            guard size != 0 else { continue }
            for index in range { matrix.values[index] /= size }
        }
        return Features(matrix)
    }
}
