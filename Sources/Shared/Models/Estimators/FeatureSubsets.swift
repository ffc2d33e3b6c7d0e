/// `estimators_features_`: which columns each estimator of an ensemble gets.
struct FeatureSubsets {
    let columns: [[Int]]
    /// Whether each gets all columns in their order.
    let isTrivial: Bool

    init(_ object: FittedObject, count: Int, features: Int) throws(ModelRejection) {
        let all = Array(0..<features)
        guard object.has("estimators_features_") else {
            columns = [[Int]](repeating: all, count: count)
            isTrivial = true
            return
        }
        let nodes = try object.items("estimators_features_")
        guard nodes.count == count else { throw object.fault("estimators_features_", "has \(nodes.count) entries") }
        var columns: [[Int]] = []
        for node in nodes {
            var subset: [Int] = []
            for value in try NumberArray(node, of: object).values {
                guard let column = Int(exactly: value), all.indices.contains(column) else {
                    throw object.fault("estimators_features_", "names column \(value) of \(features)")
                }
                subset.append(column)
            }
            columns.append(subset)
        }
        self.columns = columns
        isTrivial = columns.allSatisfy { $0 == all }
    }

    func select(_ x: Features, for estimator: Int) -> Features {
        isTrivial ? x : x.selecting(columns[estimator])
    }
}
