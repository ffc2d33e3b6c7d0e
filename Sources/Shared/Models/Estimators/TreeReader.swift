/// Reads `sklearn.tree._tree.Tree`: one record for each node, and the values beside them.
struct TreeReader {
    let nodes: TreeNodes
    /// `values` of all nodes: for each node, output by output, `width` numbers.
    let values: [Double]
    let outputs: Int
    /// Numbers for each output: classes, or 1.
    let width: Int
    let sampleCounts: [Double]
    /// Whether the file knows where missing values go (scikit-learn 1.3 and later).
    let knowsMissing: Bool
    let features: Int

    var count: Int { nodes.left.count }

    init(_ tree: FittedObject) throws(ModelRejection) {
        let graph = tree.graph
        let builder = tree.builder
        let arguments = tree.constructorArguments
        guard arguments.count == 3, case .int(let featureCount) = graph.value(arguments[0]),
            case .int(let outputCount) = graph.value(arguments[2]),
            (1...Int64(Features.maxColumns)).contains(featureCount),
            (1...10_000).contains(outputCount), tree.global.name == "Tree"
        else { throw tree.fault("it has no sensible number of features or outputs") }
        features = Int(featureCount)
        outputs = Int(outputCount)

        guard case .array(let index) = graph.value(try tree.required("nodes")),
            case .bytes(let range) = graph.arrays[Int(index)].storage
        else { throw tree.fault("nodes", "is no array of records") }
        let array = graph.arrays[Int(index)]
        let type = graph.dataTypes[Int(array.type)]
        guard type.kind == .record, array.shape.count == 1, array.count > 0 else {
            throw tree.fault("nodes", "is no array of records")
        }
        let count = array.count
        guard tree.int("node_count") == count else { throw tree.fault("node_count", "is not the number of nodes") }
        builder.trees += 1
        builder.treeNodes += count
        guard builder.trees <= builder.limits.trees, builder.treeNodes <= builder.limits.treeNodes else {
            throw tree.fault(.limit, "too many trees or nodes in all")
        }
        let bytes = graph.bytes(range)

        func field(_ name: String) -> (NumpyDataType, Int)? {
            type.fields.first { $0.name == name }.map { (graph.dataTypes[Int($0.type)], $0.offset) }
        }
        func integers(_ name: String) throws(ModelRejection) -> [Int32] {
            guard let (field, offset) = field(name), field.kind == .signed || field.kind == .unsigned else {
                throw tree.fault("its nodes have no \(name)")
            }
            return type.integerColumn(field, at: offset, in: bytes, count: count)
        }
        func doubles(_ name: String) throws(ModelRejection) -> [Double] {
            guard let (field, offset) = field(name), field.kind != .record, field.kind != .text, field.kind != .bytes
            else {
                throw tree.fault("its nodes have no \(name)")
            }
            return type.column(field, at: offset, in: bytes, count: count)
        }
        var nodes = TreeNodes()
        nodes.left = try integers("left_child")
        nodes.right = try integers("right_child")
        nodes.feature = try integers("feature")
        nodes.threshold = try doubles("threshold")
        for node in 0..<count {
            let (left, right) = (nodes.left[node], nodes.right[node])
            guard (left == -1) == (right == -1), left >= -1, right >= -1 else {
                throw tree.fault("node \(node) has children \(left) and \(right)")
            }
        }
        knowsMissing = field("missing_go_to_left") != nil
        if knowsMissing { nodes.missingGoesRight = try integers("missing_go_to_left").map { $0 == 0 } }
        sampleCounts = try doubles("n_node_samples")
        self.nodes = nodes

        let values = try tree.anyNumbers("values")
        guard values.shape.count == 3, values.shape[0] == count, values.shape[1] == outputs, values.shape[2] > 0 else {
            throw tree.fault("values", "has the shape \(values.shape) for \(count) nodes and \(outputs) outputs")
        }
        guard values.values.allSatisfy(\.isFinite) else {
            throw tree.fault("values", "holds a number that is not finite")
        }
        self.values = values.values
        width = values.shape[2]
    }

    /// The first number of each output of each node: what regressors answer.
    func regressionValues() -> [Double] {
        width == 1 ? values : stride(from: 0, to: values.count, by: width).map { values[$0] }
    }

    /// The fractions of the classes at each node, whether the file counts samples or has fractions already.
    func classFractions() -> [Double] {
        var fractions = values
        for start in stride(from: 0, to: values.count, by: width) {
            var sum = 0.0
            for index in start..<start + width { sum += values[index] }
            guard sum != 0 else { continue }
            for index in start..<start + width { fractions[index] /= sum }
        }
        return fractions
    }
}
