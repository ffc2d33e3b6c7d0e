/// All products of the columns up to a degree: the constant, then degree by degree in lexicographic order.
struct PolynomialFeatures: Estimator {
    let name: String
    let width: Int?
    /// The columns whose products the outputs are, one product after the other.
    private let factors: [Int32]
    /// For each output the end of its factors.
    private let ends: [Int32]

    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        guard let features = object.fittedWidth ?? object.int("n_input_features_"), features > 0 else {
            throw object.fault("it does not say how many features it has")
        }
        width = features
        var degrees = [0, object.int("degree") ?? object.int("_max_degree") ?? 2]
        if let node = object.optional("degree"), object.graph.sequence(node) != nil {
            degrees = try object.vector("degree", count: 2).map { Int($0.clamped(0, 1000)) }
        }
        let expected = object.int("n_output_features_") ?? object.int("_n_out_full")
        (factors, ends) = try Self.terms(
            object,
            features: features,
            degrees: degrees,
            isInteractionOnly: object.bool("interaction_only") ?? false,
            hasBias: object.bool("include_bias") ?? true
        )
        if let expected, object.has("n_output_features_"), expected != ends.count {
            throw object.fault("n_output_features_", "is \(expected) where \(ends.count) products are made")
        }
    }

    private static func terms(
        _ object: FittedObject,
        features: Int,
        degrees: [Int],
        isInteractionOnly: Bool,
        hasBias: Bool
    ) throws(ModelRejection) -> ([Int32], [Int32]) {
        var factors: [Int32] = []
        var ends: [Int32] = hasBias ? [0] : []
        let (first, last) = (max(degrees[0], 1), degrees[1])
        guard last >= 0, last <= 64 else { throw object.fault(.limit, "a degree of \(last)") }
        for degree in stride(from: first, through: last, by: 1) where !isInteractionOnly || degree <= features {
            var term = isInteractionOnly ? Array(0..<degree) : [Int](repeating: 0, count: degree)
            while true {
                guard factors.count <= 4 << 20, ends.count < Features.maxColumns else {
                    throw object.fault(.limit, "more than \(ends.count) products")
                }
                try object.builder.spend(elements: degree + 1, object)
                factors.append(contentsOf: term.map(Int32.init))
                ends.append(Int32(factors.count))
                // The next combination in lexicographic order.
                var place = degree - 1
                while place >= 0, term[place] == (isInteractionOnly ? features - degree + place : features - 1) {
                    place -= 1
                }
                guard place >= 0 else { break }
                term[place] += 1
                for next in stride(from: place + 1, to: degree, by: 1) {
                    term[next] = isInteractionOnly ? term[next - 1] + 1 : term[place]
                }
            }
        }
        return (factors, ends)
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        let matrix = try checked(x)
        try Features.checkSize(rows: matrix.rows, columns: ends.count)
        var values: [Double] = []
        values.reserveCapacity(matrix.rows * ends.count)
        for row in 0..<matrix.rows {
            var start = 0
            for end in ends {
                var product = 1.0
                for place in start..<Int(end) { product *= matrix.values[row * matrix.columns + Int(factors[place])] }
                values.append(product)
                start = Int(end)
            }
        }
        return Features(Matrix(rows: matrix.rows, columns: ends.count, values: values))
    }
}

extension Double {
    /// Between two bounds; NaN becomes the lower one.
    func clamped(_ low: Double, _ high: Double) -> Double { self > low ? Swift.min(self, high) : low }
}
