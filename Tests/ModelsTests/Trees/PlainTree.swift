import Models

/// The libraries' rules as they are written in their own sources, node by node, to compare the compiled trees with.
enum PlainTree {
    static func leaf(_ tree: TreeNodes, _ form: TreeForm, _ row: [Double]) -> Int {
        var node = 0
        while tree.left[node] >= 0 {
            node = Int(goesRight(tree, node, form, row) ? tree.right[node] : tree.left[node])
        }
        return node
    }

    private static func goesRight(_ tree: TreeNodes, _ node: Int, _ form: TreeForm, _ row: [Double]) -> Bool {
        var value = row[Int(tree.feature[node])]
        if form.precision == .float { value = Double(Float(value)) }
        if form.flushesTinyValues, abs(value) <= Double(Float(1e-35)) { value = 0 }
        let missingRight = !tree.missingGoesRight.isEmpty && tree.missingGoesRight[node]
        if !tree.category.isEmpty, tree.category[node] >= 0 {
            let set = tree.categories[Int(tree.category[node])]
            if value.isNaN { return set.missingGoesRight }
            let whole = value.rounded(.towardZero)
            if form.truncatesCategories ? whole < 0 : value < 0 { return set.othersGoRight }
            if whole >= Double(set.rightWords.count * 32) { return set.othersGoRight }
            return set.rightWords[Int(whole) / 32] & (1 << UInt32(Int(whole) % 32)) != 0
        }
        let isZero = !tree.zeroIsMissing.isEmpty && tree.zeroIsMissing[node] && abs(value) <= Double(Float(1e-35))
        if value.isNaN || isZero { return missingRight }
        return form.comparison == .below ? !(value < tree.threshold[node]) : !(value <= tree.threshold[node])
    }

    /// What the ensemble should add up to, starting from `start`.
    static func sums(_ trees: [TreeNodes], _ form: TreeForm, _ row: [Double], from start: [Double]) -> [Double] {
        var sums = start
        for tree in trees {
            let leaf = leaf(tree, form, row)
            if form.vectorLeaves {
                for column in 0..<form.outputs { sums[column] += tree.values[leaf * form.outputs + column] }
            } else if form.sum == .float {
                sums[tree.output] = Double(Float(sums[tree.output]) + Float(tree.values[leaf]))
            } else if let linear = tree.linear[leaf] {
                let features = linear.features.map { row[Int($0)] }
                var value = linear.constant
                for (feature, coefficient) in zip(features, linear.coefficients) { value += coefficient * feature }
                sums[tree.output] += features.contains(where: \.isNaN) ? tree.values[leaf] : value
            } else {
                sums[tree.output] += tree.values[leaf]
            }
        }
        return sums
    }
}
