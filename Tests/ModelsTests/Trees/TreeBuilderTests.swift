import Models
import Testing

@Suite("Trees that cannot be right")
struct TreeBuilderTests {
    static let form = TreeForm(features: 2, outputs: 1, precision: .double, comparison: .atMost)

    /// A split and its two leaves.
    static let stump: TreeNodes = {
        var tree = TreeNodes()
        tree.left = [1, -1, -1]
        tree.right = [2, -1, -1]
        tree.feature = [1, -2, -2]
        tree.threshold = [0.5, -2, -2]
        tree.values = [0, 1, 2]
        return tree
    }()

    static let faults: [(String, @Sendable (inout TreeNodes) -> Void)] = [
        ("no node", { $0 = TreeNodes() }),
        ("a child far beyond the end", { $0.left[0] = 2_000_000_000 }),
        ("a child just beyond the end", { $0.right[0] = 3 }),
        ("only one child", { $0.right[0] = -1 }),
        ("a root that is its own child", { $0.left[0] = 0 }),
        ("both children the same", { $0.right[0] = 1 }),
        (
            "a leaf that leads back to the root",
            {
                $0.left[1] = 0; $0.right[1] = 2
            }
        ),
        (
            "nodes that nothing leads to",
            {
                $0.left[0] = -1; $0.right[0] = -1
            }
        ),
        ("a feature that is not there", { $0.feature[0] = 100_000 }),
        ("a feature one too far", { $0.feature[0] = 2 }),
        ("a negative feature", { $0.feature[0] = -2 }),
        ("a threshold that is no number", { $0.threshold[0] = .nan }),
        ("an infinite leaf", { $0.values[1] = .infinity }),
        ("a leaf that is no number", { $0.values[2] = .nan }),
        ("right children missing", { $0.right = [] }),
        ("too few features", { $0.feature = [1] }),
        ("too many thresholds", { $0.threshold.append(1) }),
        ("too few values", { $0.values.removeLast() }),
        ("missing sides for some nodes", { $0.missingGoesRight = [true] }),
        ("zeros for some nodes", { $0.zeroIsMissing = [true] }),
        ("categories for some nodes", { $0.category = [0] }),
        ("a category set that is not there", { $0.category = [0, -1, -1] }),
        ("a column that is not there", { $0.output = 1 }),
        ("a negative column", { $0.output = -1 }),
        (
            "a linear leaf with a feature that is not there",
            { $0.linear[1] = LinearLeaf(constant: 0, features: [2], coefficients: [1]) }
        ),
        (
            "a linear leaf of unequal arrays",
            { $0.linear[1] = LinearLeaf(constant: 0, features: [1], coefficients: []) }
        ),
        (
            "a linear leaf without a number",
            { $0.linear[1] = LinearLeaf(constant: .nan, features: [], coefficients: []) }
        ),
    ]

    @Test("a tree with a fault is refused as an invalid model", arguments: faults.indices)
    func refused(index: Int) throws {
        var tree = Self.stump
        Self.faults[index].1(&tree)
        var builder = try TreeEnsembleBuilder(Self.form)
        let rejection = #expect(throws: ModelRejection.self, "\(Self.faults[index].0)") { try builder.add(tree) }
        #expect(rejection?.reason == .invalidModel, "\(Self.faults[index].0)")
    }

    @Test("the tree without a fault is taken")
    func taken() throws {
        var builder = try TreeEnsembleBuilder(Self.form)
        try builder.add(Self.stump)
        let ensemble = builder.finish()
        for (value, expected) in [(0.5, 1.0), (0.5.nextUp, 2), (.nan, 1)] {
            var sums = [0.0]
            ensemble.add(row: [0, value], to: &sums)
            #expect(sums == [expected])
        }
    }

    @Test("children before their parents and strays are a matter of the library")
    func pruned() throws {
        var tree = TreeNodes()
        // Node 1 was pruned and taken again; node 4 is left over, and names a feature that is none.
        tree.left = [2, -1, -1, 1, 9]
        tree.right = [3, -1, -1, 5, 9]
        tree.left.append(-1)
        tree.right.append(-1)
        tree.feature = [0, 0, 0, 1, .max, 0]
        tree.threshold = [1, 0, 0, 1, .nan, 0]
        tree.values = [0, 10, 20, 0, .nan, 30]
        var strict = try TreeEnsembleBuilder(Self.form)
        #expect(throws: ModelRejection.self) { try strict.add(tree) }
        var form = TreeForm(features: 2, outputs: 1, precision: .float, comparison: .below, sum: .float)
        form.allowsStrayNodes = true
        form.childrenFollow = false
        var builder = try TreeEnsembleBuilder(form)
        try builder.add(tree)
        var sums = [0.0, 0, 0]
        builder.finish().add(rows: [0, 0, 1, 0, 1, 1], count: 3, stride: 2, to: &sums)
        #expect(sums == [20, 10, 30])
    }

    @Test("limits hold before memory is taken")
    func limits() throws {
        var limits = TreeLimits()
        limits.nodes = 5
        var builder = try TreeEnsembleBuilder(Self.form, limits: limits)
        try builder.add(Self.stump)
        #expect(throws: ModelRejection(.limit, "more than 5 nodes")) { try builder.add(Self.stump) }
        limits = TreeLimits()
        limits.trees = 1
        builder = try TreeEnsembleBuilder(Self.form, limits: limits)
        try builder.add(Self.stump)
        #expect(throws: ModelRejection(.limit, "more than 1 trees")) { try builder.add(Self.stump) }
        limits = TreeLimits()
        limits.steps = 1
        builder = try TreeEnsembleBuilder(Self.form, limits: limits)
        try builder.add(Self.stump)
        #expect(throws: ModelRejection(.limit, "a row would take more than 1 steps")) { try builder.add(Self.stump) }
        var form = Self.form
        form.features = 1 << 25
        #expect(throws: ModelRejection.self) { try TreeEnsembleBuilder(form) }
        form.features = 0
        #expect(throws: ModelRejection.self) { try TreeEnsembleBuilder(form) }
    }

    @Test("the three libraries' category sets become one form")
    func categories() {
        let left = CategorySplit(leftWords: [0b101], othersGoRight: true, missingGoesRight: true)
        #expect(left.rightWords == [~0b101])
        let known = CategorySplit(left: [0b001], known: [0b011], missingGoesRight: false)
        #expect(known.rightWords == [0b010] && !known.othersGoRight)
        let unknownRight = CategorySplit(left: [0b001], known: [0b011], missingGoesRight: true)
        #expect(unknownRight.rightWords == [~0b001] && unknownRight.othersGoRight)
    }
}
