/// Isolation forest: rows that random splits set apart quickly are outliers.
struct IsolationForest: Estimator {
    let name: String
    private let ensemble: TreeEnsemble
    private let offset: Double
    /// Average path length of the samples that each tree was fitted on, times the number of trees.
    private let denominator: Double
    private let allowsMissing: Bool

    var width: Int? { ensemble.features }
    var methods: EstimatorMethods { [.predict, .decision, .scores] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let trees = try object.items("estimators_")
        guard !trees.isEmpty else { throw object.fault("estimators_", "is empty") }
        guard let features = object.fittedWidth else { throw object.fault("it does not say how many features it has") }
        let subsets = try FeatureSubsets(object, count: trees.count, features: features)
        let form = TreeForm(features: features, outputs: 1, precision: .float, comparison: .atMost)
        var builder = try object.adding { () throws(ModelRejection) in
            try TreeEnsembleBuilder(form, limits: TreeLimits(object.builder.limits))
        }
        var knowsMissing = true
        for (number, node) in trees.enumerated() {
            let reader = try TreeReader(FittedObject(object.builder, node).object("tree_"))
            guard reader.features == subsets.columns[number].count else {
                throw object.fault(
                    "tree \(number) has \(reader.features) features, its subset \(subsets.columns[number].count)"
                )
            }
            knowsMissing = knowsMissing && reader.knowsMissing
            var nodes = reader.nodes
            nodes.values = try Self.pathLengths(reader, object)
            for place in 0..<reader.count where nodes.left[place] >= 0 {
                guard subsets.columns[number].indices.contains(Int(nodes.feature[place])) else {
                    throw object.fault("tree \(number) splits on feature \(nodes.feature[place])")
                }
                nodes.feature[place] = Int32(subsets.columns[number][Int(nodes.feature[place])])
            }
            try object.adding { () throws(ModelRejection) in try builder.add(nodes) }
        }
        ensemble = builder.finish()
        offset = try object.number("offset_")
        guard let samples = object.int("max_samples_") ?? object.int("_max_samples"), samples > 0 else {
            throw object.fault("max_samples_", "is missing")
        }
        denominator = Double(trees.count) * Self.averagePathLength(Double(samples))
        allowsMissing = knowsMissing && (object.minorVersion == 0 || object.minorVersion >= 106)
    }

    /// For each node the edges from the root, plus what its samples would have taken to set apart.
    private static func pathLengths(_ reader: TreeReader, _ object: FittedObject) throws(ModelRejection) -> [Double] {
        var depths = [Double](repeating: 0, count: reader.count)
        for node in 0..<reader.count where reader.nodes.left[node] >= 0 {
            for child in [Int(reader.nodes.left[node]), Int(reader.nodes.right[node])] {
                guard child > node, child < reader.count else { throw object.fault("a child stands before its parent") }
                depths[child] = depths[node] + 1
            }
        }
        return depths.indices.map { depths[$0] + averagePathLength(reader.sampleCounts[$0]) }
    }

    /// c(n) of the isolation forest paper: the mean depth of an unsuccessful search in a binary search tree.
    private static func averagePathLength(_ samples: Double) -> Double {
        let eulerGamma = 0.5772156649015329
        if samples <= 1 { return 0 }
        if samples <= 2 { return 1 }
        return 2 * (logarithm(samples - 1) + eulerGamma) - 2 * (samples - 1) / samples
    }

    func scores(_ x: Features) throws(PredictionError) -> Matrix {
        let rows = try checked(x, allowsMissing: allowsMissing, isFloat32: true)
        // A single sample is set apart by nothing: its score is -1/2 to the power of 1.
        return ensemble.sums(rows, from: [0]).mapped { -power(2, denominator == 0 ? -1 : -$0 / denominator) }
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix { try scores(x).mapped { $0 - offset } }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        .labels(try decision(x).values.map { .int($0 < 0 ? -1 : 1) })
    }
}
