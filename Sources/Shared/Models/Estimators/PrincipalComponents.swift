/// Projection on principal components.
struct PrincipalComponents: Estimator {
    let name: String
    private let components: Matrix
    private let mean: [Double]
    /// Divided by, when whitening.
    private let deviations: [Double]?

    var width: Int? { components.columns }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        components = try object.matrix("components_")
        guard components.columns > 0, (object.fittedWidth ?? components.columns) == components.columns else {
            throw object.fault("components_", "has \(components.columns) columns")
        }
        mean =
            try object.optionalVector("mean_", count: components.columns)
            ?? [Double](repeating: 0, count: components.columns)
        guard object.bool("whiten") ?? false else {
            deviations = nil
            return
        }
        let variances = try object.vector("explained_variance_", count: components.rows)
        guard variances.allSatisfy({ $0 >= 0 }) else { throw object.fault("explained_variance_", "is negative") }
        // The newest versions do not divide by less than the precision.
        deviations = variances.map { max($0.squareRoot(), Double.ulpOfOne) }
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var matrix = try checked(x)
        for index in matrix.values.indices { matrix.values[index] -= mean[index % matrix.columns] }
        var result = matrix.timesTransposed(components, plus: [Double](repeating: 0, count: components.rows))
        if let deviations {
            for index in result.values.indices { result.values[index] /= deviations[index % deviations.count] }
        }
        return Features(result)
    }
}
