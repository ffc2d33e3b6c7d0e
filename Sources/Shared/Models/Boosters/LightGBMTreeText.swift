/// The block of one tree in a LightGBM text.
struct LightGBMTreeText {
    /// The names that are read; others (gains, weights, counts) say nothing about answers.
    private static let names: [StaticString] = [
        "num_leaves", "num_cat", "split_feature", "threshold", "decision_type", "left_child", "right_child",
        "leaf_value", "cat_boundaries", "cat_threshold", "is_linear", "leaf_const", "num_features", "leaf_features",
        "leaf_coeff",
    ]

    private var fields: [TextLines.Field?] = Array(repeating: nil, count: names.count)
    private let start: Int
    private let limits: BoosterLimits

    /// Reads to behind the next `Tree=` line, which is returned, or behind `end of trees`.
    static func read(
        _ lines: inout TextLines,
        _ limits: BoosterLimits
    ) throws(ModelRejection) -> (LightGBMTreeText, nextTree: TextLines.Field?) {
        var block = LightGBMTreeText(start: lines.position, limits: limits)
        while let line = lines.next() {
            guard let value = line.value else {
                if lines.equals(line.name, "end of trees") { return (block, nil) }
                continue
            }
            if lines.equals(line.name, "Tree") { return (block, line.name) }
            guard let index = names.firstIndex(where: { lines.equals(line.name, $0) }) else { continue }
            guard block.fields[index] == nil else {
                throw ModelRejection(.malformed, "LightGBM: a name stands twice in a tree", at: line.name.start)
            }
            block.fields[index] = value
        }
        throw ModelRejection(.malformed, "LightGBM: the text ends in a tree", at: lines.position)
    }

    private init(start: Int, limits: BoosterLimits) {
        self.start = start
        self.limits = limits
    }

    /// Splits first, the root before all, then the leaves.
    func nodes(_ lines: TextLines) throws(ModelRejection) -> TreeNodes {
        let leaves = try lines.integer(required("num_leaves"))
        guard leaves > 0, leaves <= limits.trees.nodes / 2 else {
            throw fault("a tree of \(leaves) leaves", leaves > 0 ? .limit : .invalidModel)
        }
        let splits = leaves - 1
        let values = try lines.numbers(required("leaf_value"), most: leaves)
        guard values.count == leaves else { throw fault("\(values.count) values for \(leaves) leaves") }
        let left = try integers("left_child", splits, lines)
        let right = try integers("right_child", splits, lines)
        let kinds = try integers("decision_type", splits, lines)
        var nodes = TreeNodes()
        nodes.left = try children(left, leaves)
        nodes.right = try children(right, leaves)
        let padding = Array(repeating: Int32(0), count: leaves)
        nodes.feature = try integers("split_feature", splits, lines) + padding
        let thresholds = splits == 0 ? [] : try lines.numbers(required("threshold"), most: splits)
        guard thresholds.count == splits else { throw fault("\(thresholds.count) thresholds for \(splits) splits") }
        nodes.threshold = thresholds + Array(repeating: 0, count: leaves)
        nodes.values = Array(repeating: 0, count: splits) + values
        try addKinds(kinds, leaves, to: &nodes)
        try addCategories(kinds, leaves, to: &nodes, lines)
        try addLinear(leaves, to: &nodes, lines)
        return nodes
    }

    /// Negative children are leaves, whose nodes come after those of the splits.
    private func children(_ children: [Int32], _ leaves: Int) throws(ModelRejection) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(children.count + leaves)
        for child in children {
            guard child >= -Int32(leaves), child < Int32(leaves) - 1 else {
                throw fault("a child \(child) in a tree of \(leaves) leaves")
            }
            result.append(child >= 0 ? child : Int32(leaves) - 1 + ~child)
        }
        result.append(contentsOf: repeatElement(-1, count: leaves))
        return result
    }

    /// Bit 1: missing values go left; bits 2 and 3: which are missing (0 none, 1 zeros and NaN, 2 NaN).
    private func addKinds(_ kinds: [Int32], _ leaves: Int, to nodes: inout TreeNodes) throws(ModelRejection) {
        let filler = Array(repeating: false, count: leaves)
        var missing: [Bool] = []
        var zero: [Bool] = []
        for (node, kind) in kinds.enumerated() {
            guard (0..<16).contains(kind), kind >> 2 != 3 else { throw fault("decision_type \(kind)") }
            zero.append(kind >> 2 == 1 && kind & 1 == 0)
            // With no missing kind NaN counts as 0.
            missing.append(kind >> 2 == 0 ? !(0 <= nodes.threshold[node]) : kind & 2 == 0)
        }
        nodes.missingGoesRight = missing + filler
        if zero.contains(true) { nodes.zeroIsMissing = zero + filler }
    }

    /// Bit 0 of the kind: the threshold is the place of a set; its words go from one boundary to the next.
    private func addCategories(
        _ kinds: [Int32],
        _ leaves: Int,
        to nodes: inout TreeNodes,
        _ lines: TextLines
    ) throws(ModelRejection) {
        guard kinds.contains(where: { $0 & 1 != 0 }) else { return }
        let sets = try lines.integer(required("num_cat"))
        guard sets > 0, sets <= kinds.count else { throw fault("num_cat is \(sets)") }
        let boundaries = try integers("cat_boundaries", sets + 1, lines)
        let words = try lines.numbers(required("cat_threshold"), most: limits.trees.categoryWords)
        guard boundaries[0] == 0, zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }),
            Int(boundaries[sets]) == words.count
        else { throw fault("the boundaries of the category sets are not in order") }
        for set in 0..<sets {
            var left: [UInt32] = []
            for word in words[Int(boundaries[set])..<Int(boundaries[set + 1])] {
                guard let bits = UInt32(exactly: word) else { throw fault("a category word of \(word)") }
                left.append(bits)
            }
            nodes.categories.append(CategorySplit(leftWords: left, othersGoRight: true, missingGoesRight: true))
        }
        for (node, kind) in kinds.enumerated() {
            guard kind & 1 != 0 else {
                nodes.category.append(-1)
                continue
            }
            guard let set = Int32(exactly: nodes.threshold[node]), set >= 0, set < sets else {
                throw fault("a split on category set \(nodes.threshold[node]) of \(sets)")
            }
            nodes.category.append(set)
        }
        nodes.category.append(contentsOf: repeatElement(-1, count: leaves))
    }

    private func addLinear(
        _ leaves: Int,
        to nodes: inout TreeNodes,
        _ lines: TextLines
    ) throws(ModelRejection) {
        guard let flag = field("is_linear"), try lines.integer(flag) != 0 else { return }
        guard let constantField = field("leaf_const") else {
            guard leaves == 1 else { throw fault("a linear tree without leaf_const") }
            return
        }
        let constants = try lines.numbers(constantField, most: leaves)
        let counts = try integers("num_features", leaves, lines)
        guard constants.count == leaves, counts.allSatisfy({ $0 >= 0 }) else {
            throw fault("\(constants.count) constants for \(leaves) leaves")
        }
        let most = limits.trees.coefficients
        let features =
            try field("leaf_features").map { field throws(ModelRejection) in try lines.integers(field, most: most) }
            ?? []
        let coefficients =
            try field("leaf_coeff").map { field throws(ModelRejection) in try lines.numbers(field, most: most) } ?? []
        guard features.count == coefficients.count, counts.reduce(0, { $0 + Int($1) }) == features.count else {
            throw fault("the linear leaves have \(coefficients.count) coefficients for \(features.count) features")
        }
        var start = 0
        for leaf in 0..<leaves {
            let end = start + Int(counts[leaf])
            nodes.linear[leaves - 1 + leaf] = LinearLeaf(
                constant: constants[leaf],
                features: Array(features[start..<end]),
                coefficients: Array(coefficients[start..<end])
            )
            start = end
        }
    }

    /// The array of that name, of exactly that length; a tree without splits has none.
    private func integers(_ name: StaticString, _ count: Int, _ lines: TextLines) throws(ModelRejection) -> [Int32] {
        if count == 0 { return [] }
        let integers = try lines.integers(required(name), most: count)
        guard integers.count == count else { throw fault("\(integers.count) values of \(name), \(count) are expected") }
        return integers
    }

    private func field(_ name: StaticString) -> TextLines.Field? {
        Self.names.firstIndex { $0.description == name.description }.flatMap { fields[$0] }
    }

    private func required(_ name: StaticString) throws(ModelRejection) -> TextLines.Field {
        guard let field = field(name) else { throw fault("a tree without \(name)", .malformed) }
        return field
    }

    private func fault(_ message: String, _ reason: ModelRejection.Reason = .invalidModel) -> ModelRejection {
        ModelRejection(reason, "LightGBM: \(message)", at: start)
    }
}
