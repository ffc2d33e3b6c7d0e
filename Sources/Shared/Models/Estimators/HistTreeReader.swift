/// Reads `TreePredictor`: one packed record for each node, bit sets beside them.
enum HistTreeReader {
    /// Bits of one set.
    private static let setWords = 8

    /// For each categorical feature the set of the categories that were seen; nil for others.
    ///
    /// A category that was not seen goes where missing values go.
    static func knownCategories(_ object: FittedObject, features: Int) throws(ModelRejection) -> [[UInt32]?] {
        var known = [[UInt32]?](repeating: nil, count: features)
        guard object.has("_bin_mapper") else { return known }
        let mapper = try object.object("_bin_mapper")
        guard mapper.has("is_categorical_") else { return known }
        let flags = try mapper.looseVector("is_categorical_")
        guard flags.count == features else { throw object.fault("_bin_mapper", "has another number of features") }
        guard flags.contains(where: { $0 != 0 }) else { return known }
        let thresholds = try mapper.items("bin_thresholds_")
        guard thresholds.count == features else { throw object.fault("_bin_mapper", "has another number of features") }
        for feature in 0..<features where flags[feature] != 0 {
            var words = [UInt32](repeating: 0, count: setWords)
            for category in try NumberArray(thresholds[feature], of: mapper).values {
                guard category >= 0, category < Double(setWords * 32) else {
                    throw object.fault("_bin_mapper", "names category \(category)")
                }
                words[Int(category) / 32] |= 1 << UInt32(Int(category) % 32)
            }
            known[feature] = words
        }
        return known
    }

    static func read(_ tree: FittedObject, known: [[UInt32]?], output: Int) throws(ModelRejection) -> TreeNodes {
        let graph = tree.graph
        guard tree.name == "TreePredictor", case .array(let index) = graph.value(try tree.required("nodes")),
            case .bytes(let range) = graph.arrays[Int(index)].storage
        else { throw tree.fault("nodes", "is no array of records") }
        let array = graph.arrays[Int(index)]
        let type = graph.dataTypes[Int(array.type)]
        guard type.kind == .record, array.shape.count == 1, array.count > 0 else {
            throw tree.fault("nodes", "is no array of records")
        }
        let count = array.count
        tree.builder.trees += 1
        tree.builder.treeNodes += count
        guard tree.builder.trees <= tree.builder.limits.trees, tree.builder.treeNodes <= tree.builder.limits.treeNodes
        else {
            throw tree.fault(.limit, "too many trees or nodes in all")
        }
        let bytes = graph.bytes(range)
        func field(_ name: String) -> (NumpyDataType, Int)? {
            type.fields.first { $0.name == name }.map { (graph.dataTypes[Int($0.type)], $0.offset) }
        }
        func integers(_ name: String) throws(ModelRejection) -> [Int32] {
            guard let (field, offset) = field(name) else { throw tree.fault("its nodes have no \(name)") }
            return type.integerColumn(field, at: offset, in: bytes, count: count)
        }
        func doubles(_ name: String) throws(ModelRejection) -> [Double] {
            guard let (field, offset) = field(name), field.kind == .float else {
                throw tree.fault("its nodes have no \(name)")
            }
            return type.column(field, at: offset, in: bytes, count: count)
        }
        let isLeaf = try integers("is_leaf")
        var nodes = TreeNodes()
        nodes.output = output
        nodes.values = try doubles("value")
        // Files before 0.24 call it `threshold`.
        nodes.threshold = try doubles(field("num_threshold") == nil ? "threshold" : "num_threshold")
        nodes.feature = try integers("feature_idx")
        nodes.left = try integers("left")
        nodes.right = try integers("right")
        nodes.missingGoesRight = try integers("missing_go_to_left").map { $0 == 0 }
        let isCategorical = field("is_categorical") == nil ? [] : try integers("is_categorical")
        let sets = isCategorical.contains { $0 != 0 } ? try integers("bitset_idx") : []
        if !sets.isEmpty { nodes.category = [Int32](repeating: -1, count: count) }
        let bitSets = sets.isEmpty ? [] : try tree.looseVector("raw_left_cat_bitsets")
        for node in 0..<count {
            guard isLeaf[node] == 0 else {
                guard nodes.values[node].isFinite else { throw tree.fault("leaf \(node) has no finite value") }
                nodes.left[node] = -1
                nodes.right[node] = -1
                continue
            }
            guard !sets.isEmpty, isCategorical[node] != 0 else { continue }
            let (feature, set) = (Int(nodes.feature[node]), Int(sets[node]))
            guard feature >= 0, feature < known.count, let seen = known[feature], set >= 0,
                (set + 1) * setWords <= bitSets.count
            else { throw tree.fault("node \(node) splits on categories that the file does not have") }
            let left = bitSets[set * setWords..<(set + 1) * setWords].map { UInt32(exactly: $0) ?? 0 }
            nodes.category[node] = Int32(nodes.categories.count)
            nodes.categories.append(
                CategorySplit(left: left, known: seen, missingGoesRight: nodes.missingGoesRight[node])
            )
        }
        return nodes
    }
}
