/// Checks trees one by one and compiles them.
///
/// What it has let through is walked without any check.
package struct TreeEnsembleBuilder {
    private let form: TreeForm
    private let limits: TreeLimits
    private var parts = TreeParts()
    private var order = TreeOrder()
    private var steps = 0

    /// - Throws: When the ensemble has no feature, no output or too many of them.
    package init(_ form: TreeForm, limits: TreeLimits = TreeLimits()) throws(ModelRejection) {
        guard form.features > 0, form.outputs > 0 else {
            throw Self.fault("an ensemble of trees needs a feature and an output")
        }
        guard form.features <= min(limits.features, Int(WideNode.featureMask)) else {
            throw ModelRejection(.limit, "\(form.features) features are more than \(limits.features)")
        }
        guard form.outputs <= limits.outputs else {
            throw ModelRejection(.limit, "\(form.outputs) outputs are more than \(limits.outputs)")
        }
        self.form = form
        self.limits = limits
    }

    /// Trees so far.
    package var count: Int { parts.roots.count }

    /// Checks a tree and appends it.
    ///
    /// - Throws: When the tree cannot be right (`invalidModel`) or a limit would be passed (`limit`). The builder is of no
    ///   further use then.
    package mutating func add(_ tree: TreeNodes) throws(ModelRejection) {
        let number = count
        try checkSizes(tree, number)
        try order.walk(tree, form, number: number)
        steps += order.depth
        guard steps <= limits.steps else {
            throw ModelRejection(.limit, "a row would take more than \(limits.steps) steps")
        }
        let base = parts.wide.count
        let firstSet = parts.sets.count
        try addCategories(tree.categories, number)
        for place in 0..<order.nodes.count {
            let node = Int(order.nodes[place])
            if tree.left[node] < 0 {
                parts.wide.append(
                    WideNode(threshold: .nan, left: Int32(base + place), featureAndFlags: 0)
                )
                try addLeaf(tree, node, number)
            } else {
                let left = base + Int(order.places[Int(tree.left[node])])
                parts.wide.append(try split(tree, node, left: left, firstSet: firstSet, number))
                addEmptyLeaf()
            }
        }
        parts.roots.append(Int32(base))
        parts.depths.append(TreeDepth(usual: Int32(order.usualDepth), most: Int32(order.depth)))
        parts.columns.append(Int32(tree.output))
    }

    /// The compiled ensemble; without any tree it adds nothing to the sums.
    package consuming func finish() -> TreeEnsemble {
        if form.precision == .float { parts.compactIfPossible(features: form.features) }
        parts.makeTops()
        parts.dropUnused(vectorLeaves: form.vectorLeaves)
        return TreeEnsemble(form, parts)
    }

    private func checkSizes(_ tree: TreeNodes, _ number: Int) throws(ModelRejection) {
        let nodes = tree.left.count
        guard nodes > 0 else { throw Self.fault("tree \(number) has no node") }
        guard count < limits.trees else { throw ModelRejection(.limit, "more than \(limits.trees) trees") }
        guard nodes <= min(limits.nodes, 1 << 30) - parts.wide.count else {
            throw ModelRejection(.limit, "more than \(limits.nodes) nodes")
        }
        let width = form.vectorLeaves ? form.outputs : 1
        let values = nodes.multipliedReportingOverflow(by: width)
        guard !values.overflow, values.partialValue == tree.values.count, tree.right.count == nodes,
            tree.feature.count == nodes, tree.threshold.count == nodes,
            [0, nodes].contains(tree.missingGoesRight.count), [0, nodes].contains(tree.zeroIsMissing.count),
            [0, nodes].contains(tree.category.count)
        else { throw Self.fault("tree \(number): its arrays differ in length") }
        guard tree.linear.isEmpty || (!form.vectorLeaves && form.sum == .double) else {
            throw Self.fault("tree \(number) has linear leaves, which go with single 64-bit values only")
        }
        guard form.vectorLeaves || (0..<form.outputs).contains(tree.output) else {
            throw Self.fault("tree \(number) belongs to column \(tree.output) of \(form.outputs)")
        }
    }

    private mutating func addCategories(_ categories: [CategorySplit], _ number: Int) throws(ModelRejection) {
        for category in categories {
            guard category.rightWords.count <= limits.categoryWords - parts.words.count else {
                throw ModelRejection(.limit, "tree \(number): more than \(limits.categoryWords) words of categories")
            }
            parts.sets.append(
                CategorySets.Entry(
                    firstWord: parts.words.count,
                    capacity: Double(category.rightWords.count * 32),
                    othersGoRight: category.othersGoRight,
                    missingGoesRight: category.missingGoesRight
                )
            )
            parts.words.append(contentsOf: category.rightWords)
        }
    }

    private mutating func split(
        _ tree: TreeNodes,
        _ node: Int,
        left: Int,
        firstSet: Int,
        _ number: Int
    ) throws(ModelRejection) -> WideNode {
        let feature = Int(tree.feature[node])
        guard feature >= 0, feature < form.features else {
            throw Self.fault("tree \(number): node \(node) splits on feature \(feature) of \(form.features)")
        }
        var flags: UInt32 = 0
        if !tree.missingGoesRight.isEmpty, tree.missingGoesRight[node] { flags |= WideNode.missingGoesRight }
        if !tree.category.isEmpty, tree.category[node] >= 0 {
            let set = Int(tree.category[node])
            guard set < tree.categories.count else {
                throw Self.fault("tree \(number): node \(node) names category set \(set), which is not there")
            }
            return WideNode(
                threshold: Double(bitPattern: UInt64(firstSet + set)),
                left: Int32(left),
                featureAndFlags: UInt32(feature) | flags | WideNode.categorical
            )
        }
        guard let threshold = form.firstToTheRight(of: tree.threshold[node]) else {
            throw Self.fault("tree \(number): the threshold of node \(node) is not a number")
        }
        if !tree.zeroIsMissing.isEmpty, tree.zeroIsMissing[node] {
            flags |= WideNode.zeroIsMissing
            parts.hasZeroMissing = true
        }
        return WideNode(threshold: threshold, left: Int32(left), featureAndFlags: UInt32(feature) | flags)
    }

    private mutating func addLeaf(_ tree: TreeNodes, _ node: Int, _ number: Int) throws(ModelRejection) {
        if form.vectorLeaves {
            let width = form.outputs
            guard parts.vectors.count + width <= limits.leafValues else {
                throw ModelRejection(.limit, "more than \(limits.leafValues) values of leaves")
            }
            parts.slots.append(Int32(parts.vectors.count / width))
            for value in tree.values[node * width..<(node + 1) * width] {
                guard value.isFinite else { throw Self.fault("tree \(number): leaf \(node) is not finite") }
                parts.vectors.append(value)
            }
            return
        }
        let value = tree.values[node]
        guard value.isFinite else { throw Self.fault("tree \(number): leaf \(node) is not finite") }
        if form.sum == .float {
            let rounded = Float(value)
            guard rounded.isFinite else { throw Self.fault("tree \(number): leaf \(node) is no 32-bit number") }
            parts.floats.append(rounded)
        } else {
            parts.doubles.append(value)
            try addLinear(tree.linear[node], number, node)
        }
    }

    private mutating func addLinear(_ leaf: LinearLeaf?, _ number: Int, _ node: Int) throws(ModelRejection) {
        guard let leaf else { return parts.slots.append(-1) }
        guard leaf.constant.isFinite, leaf.coefficients.allSatisfy(\.isFinite),
            leaf.features.count == leaf.coefficients.count,
            leaf.features.allSatisfy({ $0 >= 0 && $0 < form.features })
        else { throw Self.fault("tree \(number): the linear function of leaf \(node) cannot be right") }
        guard leaf.coefficients.count <= limits.coefficients - parts.coefficients.count else {
            throw ModelRejection(.limit, "more than \(limits.coefficients) coefficients of leaves")
        }
        parts.slots.append(Int32(parts.linear.count))
        parts.linear.append(
            LinearLeaves.Entry(
                constant: leaf.constant,
                first: parts.coefficients.count,
                count: leaf.coefficients.count
            )
        )
        parts.linearFeatures.append(contentsOf: leaf.features)
        parts.coefficients.append(contentsOf: leaf.coefficients)
    }

    /// Keeps the arrays by node in step at a split.
    private mutating func addEmptyLeaf() {
        if form.vectorLeaves { return parts.slots.append(0) }
        if form.sum == .float { return parts.floats.append(0) }
        parts.doubles.append(0)
        parts.slots.append(-1)
    }

    private static func fault(_ message: String) -> ModelRejection { ModelRejection(.invalidModel, message) }
}

extension TreeForm {
    /// The least value that goes right, so that one comparison, `>=`, serves all libraries; NaN where none does; nil for a
    /// threshold that is no number.
    ///
    /// In 32 bits a value beyond the threshold is one beyond the threshold rounded down, whatever 64-bit number that is.
    func firstToTheRight(of threshold: Double) -> Double? {
        if threshold.isNaN { return nil }
        switch (precision, comparison) {
        case (.double, .below): return threshold
        case (.double, .atMost): return threshold == .infinity ? .nan : threshold.nextUp
        case (.float, .below):
            let nearest = Float(threshold)
            return Double(Double(nearest) >= threshold ? nearest : nearest.nextUp)
        case (.float, .atMost):
            if threshold == .infinity { return .nan }
            let nearest = Float(threshold)
            return Double(Double(nearest) > threshold ? nearest : nearest.nextUp)
        }
    }
}
