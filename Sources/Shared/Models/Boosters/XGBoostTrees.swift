/// The trees of a booster, as its document has them.
struct XGBoostTrees {
    private let model: BoosterCursor
    private let trees: [BoosterCursor]
    private let columns: [Int32]
    /// Dart's weights; empty for other boosters.
    private let weights: [Float]
    private let header: XGBoostHeader
    private let limits: BoosterLimits

    init(
        _ model: BoosterCursor,
        _ header: XGBoostHeader,
        weights: BoosterCursor?,
        _ limits: BoosterLimits
    ) throws(ModelRejection) {
        self.model = model
        self.header = header
        self.limits = limits
        trees = try model.get("trees").elements()
        guard trees.count <= limits.trees.trees else {
            throw ModelRejection(.limit, "XGBoost: more than \(limits.trees.trees) trees", at: model.element.offset)
        }
        columns = try model.get("tree_info").integers()
        guard columns.count == trees.count else {
            throw model.fault("\(trees.count) trees, and tree_info names \(columns.count)")
        }
        let numbers = try weights?.numbers() ?? []
        guard numbers.isEmpty || numbers.count == trees.count, numbers.allSatisfy(\.isFinite) else {
            throw model.fault("\(numbers.count) weights of dart for \(trees.count) trees, or not finite")
        }
        self.weights = numbers.map { Float($0) }
    }

    /// Compiles all trees, or those up to the best iteration.
    func compile(best: Int?, parallel: Int?) throws(ModelRejection) -> TreeEnsemble {
        var form = TreeForm(
            features: header.features,
            outputs: header.groups,
            precision: .float,
            comparison: .below,
            sum: .float
        )
        // Pruned nodes stay in the arrays, and their places are taken by later ones.
        form.allowsStrayNodes = true
        form.childrenFollow = false
        var builder = try TreeEnsembleBuilder(form, limits: limits.trees)
        var categoryWords = 0
        for index in 0..<(try count(best: best, parallel: parallel)) {
            var nodes = try nodes(trees[index], weight: weights.isEmpty ? nil : weights[index], &categoryWords)
            nodes.output = Int(columns[index])
            do {
                try builder.add(nodes)
            } catch {
                throw trees[index].fault(error.message, error.reason)
            }
        }
        return builder.finish()
    }

    /// Trees up to and with the best iteration.
    private func count(best: Int?, parallel known: Int?) throws(ModelRejection) -> Int {
        guard let best else { return trees.count }
        guard best >= 0 else { throw model.fault("best_iteration is \(best)") }
        if let ends = try model.find("iteration_indptr")?.integers(), !ends.isEmpty {
            // From 2.0: where the trees of each iteration begin, and the end.
            guard best + 1 < ends.count else { return trees.count }
            let end = Int(ends[best + 1])
            guard end >= 0, end <= trees.count else { throw model.fault("iteration_indptr holds \(end)") }
            return end
        }
        let parameters = try model.find("gbtree_model_param")
        let parallel = max(known ?? 1, try parameters?.find("num_parallel_tree")?.integer() ?? 1)
        let (each, overflow) = parallel.multipliedReportingOverflow(by: header.groups)
        let (end, beyond) = each.multipliedReportingOverflow(by: best &+ 1)
        return overflow || beyond || best == Int.max ? trees.count : min(trees.count, end)
    }

    private func nodes(
        _ tree: BoosterCursor,
        weight: Float?,
        _ categoryWords: inout Int
    ) throws(ModelRejection) -> TreeNodes {
        if let parameters = try tree.find("tree_param") {
            if let width = try parameters.find("size_leaf_vector")?.integer(), width > 1 {
                throw tree.fault(
                    "leaves with a value for each target (multi_strategy 'multi_output_tree') are not evaluated",
                    .unsupported
                )
            }
        }
        var nodes = TreeNodes()
        nodes.left = try tree.get("left_children").integers()
        nodes.right = try tree.get("right_children").integers()
        nodes.feature = try tree.get("split_indices").integers()
        // Text holds the shortest decimals that name the library's 32-bit numbers.
        nodes.threshold = try tree.get("split_conditions").numbers().map { Double(Float($0)) }
        let count = nodes.left.count
        let defaults = try tree.get("default_left").numbers()
        guard nodes.right.count == count, nodes.feature.count == count, nodes.threshold.count == count,
            defaults.count == count
        else { throw tree.fault("the arrays of \(tree.path) differ in length") }
        nodes.missingGoesRight = defaults.map { $0 == 0 }
        nodes.values = nodes.threshold
        if let weight {
            // In 32 bits, as the library multiplies.
            for index in 0..<count where nodes.left[index] < 0 {
                nodes.values[index] = Double(Float(nodes.values[index]) * weight)
            }
        }
        try addCategories(tree, to: &nodes, &categoryWords)
        return nodes
    }

    /// `split_type` 1: `categories_segments` and `_sizes` cut `categories` into the sets of `categories_nodes`.
    private func addCategories(
        _ tree: BoosterCursor,
        to nodes: inout TreeNodes,
        _ words: inout Int
    ) throws(ModelRejection) {
        guard let types = try tree.find("split_type")?.integers(), types.contains(where: { $0 != 0 }) else { return }
        let count = nodes.left.count
        let owners = try tree.get("categories_nodes").integers()
        let starts = try tree.get("categories_segments").integers()
        let sizes = try tree.get("categories_sizes").integers()
        let categories = try tree.get("categories").integers()
        guard types.count == count, owners.count == starts.count, owners.count == sizes.count else {
            throw tree.fault("the categories of \(tree.path) differ in length")
        }
        nodes.category = Array(repeating: -1, count: count)
        for (index, owner) in owners.enumerated() {
            let start = Int(starts[index]), size = Int(sizes[index])
            guard owner >= 0, owner < count, types[Int(owner)] == 1, nodes.category[Int(owner)] < 0, start >= 0,
                size >= 0, start <= categories.count, size <= categories.count - start
            else { throw tree.fault("the categories of \(tree.path) point outside of it") }
            let set = categories[start..<start + size]
            // 2^24 is where 32-bit numbers stop to count one by one; the library refuses more as well.
            guard set.allSatisfy({ $0 >= 0 && $0 < 1 << 24 }) else {
                throw tree.fault("\(tree.path) has a category outside of 0..<2^24")
            }
            let wordCount = Int(set.max() ?? -1) / 32 + 1
            words += wordCount
            guard words <= limits.trees.categoryWords else {
                throw tree.fault("more than \(limits.trees.categoryWords) words of categories", .limit)
            }
            var bits = [UInt32](repeating: 0, count: wordCount)
            for category in set { bits[Int(category) / 32] |= 1 << UInt32(category % 32) }
            nodes.category[Int(owner)] = Int32(nodes.categories.count)
            nodes.categories.append(
                CategorySplit(
                    rightWords: bits,
                    othersGoRight: false,
                    missingGoesRight: nodes.missingGoesRight[Int(owner)]
                )
            )
        }
        for node in 0..<count where types[node] == 1 && nodes.left[node] >= 0 && nodes.category[node] < 0 {
            throw tree.fault("node \(node) of \(tree.path) is categorical and has no categories")
        }
    }
}
