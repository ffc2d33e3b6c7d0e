import Models
import OracleSupport

/// Random trees of every kind, and rows that lie on and beside their thresholds.
struct RandomTrees {
    var random: SeededGenerator
    let form: TreeForm
    var withCategories = false
    var withZeros = false
    var withLinear = false

    private static let thresholds: [Double] = [
        0, -0.0, 0.5, 1, -1, 1e-35, 2e-36, 1e30, -1e30, 0.1, Double(Float(0.1)), 1e-40, .infinity, 1e39, 3,
    ]

    mutating func tree(depth: Int) -> TreeNodes {
        var tree = TreeNodes()
        grow(&tree, depth)
        tree.output = form.vectorLeaves ? 0 : Int.random(in: 0..<form.outputs, using: &random)
        if !withCategories { tree.category = [] }
        if !withZeros { tree.zeroIsMissing = [] }
        return tree
    }

    /// Appends a node and what is below it, so that children follow their parents; returns its place.
    @discardableResult
    private mutating func grow(_ tree: inout TreeNodes, _ depth: Int) -> Int32 {
        let node = tree.left.count
        tree.left.append(-1)
        tree.right.append(-1)
        tree.feature.append(Int32.random(in: 0..<Int32(form.features), using: &random))
        var threshold = Self.thresholds.randomElement(using: &random) ?? 0
        if Bool.random(using: &random) { threshold = Double.random(in: -2...2, using: &random) }
        if form.comparison == .below { threshold = Double(Float(threshold)) }
        tree.threshold.append(threshold)
        tree.missingGoesRight.append(Bool.random(using: &random))
        tree.zeroIsMissing.append(Bool.random(using: &random))
        tree.category.append(-1)
        for _ in 0..<(form.vectorLeaves ? form.outputs : 1) {
            tree.values.append(Double(Float.random(in: -1...1, using: &random)))
        }
        if depth > 0, Int.random(in: 0..<8, using: &random) > 0 {
            if withCategories, Bool.random(using: &random) { addSet(&tree, node) }
            tree.left[node] = grow(&tree, depth - 1)
            tree.right[node] = grow(&tree, depth - 1)
        } else if withLinear, Bool.random(using: &random) {
            let features = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                Int32.random(in: 0..<Int32(form.features), using: &random)
            }
            tree.linear[node] = LinearLeaf(
                constant: Double.random(in: -1...1, using: &random),
                features: features,
                coefficients: features.map { _ in Double.random(in: -1...1, using: &random) }
            )
        }
        return Int32(node)
    }

    private mutating func addSet(_ tree: inout TreeNodes, _ node: Int) {
        tree.category[node] = Int32(tree.categories.count)
        tree.categories.append(
            CategorySplit(
                rightWords: (0..<Int.random(in: 0...2, using: &random)).map { _ in random.next32() },
                othersGoRight: Bool.random(using: &random),
                missingGoesRight: Bool.random(using: &random)
            )
        )
    }

    /// Values on thresholds, one step beside them in 64 and in 32 bits, categories, and none.
    mutating func row(for trees: [TreeNodes], withMissing: Bool) -> [Double] {
        (0..<form.features).map { _ in
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where withMissing: return .nan
            case 1:
                return Double(Int.random(in: -2...70, using: &random)) + pick([0, 0.5, -0.5])
            case 2: return pick([0, -0.0, 1e-35, -1e-36, 3e38, 1e300, -1e300])
            case 3, 4, 5:
                let tree = pick(trees)
                let threshold = pick(tree.threshold)
                let near = Float(threshold)
                let values = [
                    threshold, threshold.nextUp, threshold.nextDown, Double(near), Double(near.nextUp),
                    Double(near.nextDown),
                ].filter(\.isFinite)
                return values.randomElement(using: &random) ?? 0
            default: return Double.random(in: -2...2, using: &random)
            }
        }
    }
}

extension RandomTrees {
    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }
}

extension SeededGenerator {
    mutating func next32() -> UInt32 { UInt32(truncatingIfNeeded: next()) }
}
