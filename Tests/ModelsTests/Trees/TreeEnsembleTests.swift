import Models
import OracleSupport
import Testing

@Suite("Compiled trees")
struct TreeEnsembleTests {
    static let forms: [(String, TreeForm, categories: Bool, zeros: Bool, linear: Bool)] = {
        var xgboost = TreeForm(features: 5, outputs: 1, precision: .float, comparison: .below, sum: .float)
        xgboost.allowsStrayNodes = true
        var multiclass = xgboost
        multiclass.outputs = 3
        var lightGBM = TreeForm(features: 7, outputs: 2, precision: .double, comparison: .atMost)
        lightGBM.truncatesCategories = true
        lightGBM.flushesTinyValues = true
        var many = xgboost
        many.features = 40_000
        return [
            ("XGBoost", xgboost, false, false, false), ("XGBoost, classes", multiclass, false, false, false),
            ("XGBoost, categories", multiclass, true, false, false),
            ("XGBoost, many features", many, false, false, false),
            (
                "scikit-learn", TreeForm(features: 6, outputs: 1, precision: .float, comparison: .atMost), false, false,
                false
            ),
            (
                "forest of classes",
                TreeForm(features: 6, outputs: 4, vectorLeaves: true, precision: .float, comparison: .atMost), false,
                false, false
            ),
            (
                "histograms", TreeForm(features: 6, outputs: 1, precision: .double, comparison: .atMost), true, false,
                false
            ),
            (
                "histograms without categories",
                TreeForm(features: 6, outputs: 1, precision: .double, comparison: .atMost),
                false, false, false
            ),
            ("LightGBM", lightGBM, true, true, false), ("LightGBM, linear", lightGBM, false, false, true),
            ("LightGBM, linear, zeros missing", lightGBM, false, true, true),
        ]
    }()

    @Test(
        "each kind answers as the plain rules do, bit by bit, a row at a time and in blocks",
        arguments: forms.indices
    )
    func plain(index: Int) throws {
        let (name, form, categories, zeros, linear) = Self.forms[index]
        for seed in 0..<UInt64(form.features > 100 ? 1 : 6) {
            var source = RandomTrees(
                random: SeededGenerator(seed: seed &* 31 &+ UInt64(index)),
                form: form,
                withCategories: categories,
                withZeros: zeros,
                withLinear: linear
            )
            let trees = (0..<Int.random(in: 1...19, using: &source.random)).map { source.tree(depth: $0 % 6) }
            var builder = try TreeEnsembleBuilder(form)
            for tree in trees { try builder.add(tree) }
            let ensemble = builder.finish()
            if !categories {
                #expect(ensemble.isCompact == (form.precision == .float && form.features < 100), "\(name)")
            }
            let rows = (0..<(form.features > 100 ? 5 : 70)).map { source.row(for: trees, withMissing: $0 % 3 == 0) }
            let start = (0..<form.outputs).map { Double($0) / 2 }
            var all = rows.flatMap { _ in start }
            rows.flatMap { $0 }.withUnsafeBufferPointer { values in
                ensemble.add(rows: values.baseAddress!, count: rows.count, stride: form.features, to: &all)
            }
            for (number, row) in rows.enumerated() {
                let expected = PlainTree.sums(trees, form, row, from: start).map(\.bitPattern)
                var sums = start
                ensemble.add(row: row, to: &sums)
                #expect(sums.map(\.bitPattern) == expected, "\(name), seed \(seed), row \(row)")
                let block = all[number * form.outputs..<(number + 1) * form.outputs].map(\.bitPattern)
                #expect(block == expected, "\(name), seed \(seed), row \(number) in its block")
            }
        }
    }

    @Test("a batch that is shared out answers as one that is not")
    func shared() throws {
        let form = TreeForm(features: 4, outputs: 1, precision: .float, comparison: .atMost)
        var source = RandomTrees(random: SeededGenerator(seed: 3), form: form)
        var builder = try TreeEnsembleBuilder(form)
        let trees = (0..<9).map { _ in source.tree(depth: 4) }
        for tree in trees { try builder.add(tree) }
        let ensemble = builder.finish()
        let rows = (0..<1001).flatMap { _ in source.row(for: trees, withMissing: true) }
        var alone = [Double](repeating: 0, count: 1001)
        ensemble.add(rows: rows, count: 1001, stride: 4, to: &alone)
        for parts in [1, 2, 3, 40] {
            var together = [Double](repeating: 0, count: 1001)
            let split = RowSplit(parts: parts) { parts, part in for index in (0..<parts).reversed() { part(index) } }
            ensemble.add(rows: rows, count: 1001, stride: 4, to: &together, split: split)
            #expect(together == alone)
        }
    }

    @Test("each tree's own leaf can be had")
    func leaves() throws {
        let form = TreeForm(features: 3, outputs: 1, precision: .double, comparison: .atMost)
        var source = RandomTrees(random: SeededGenerator(seed: 5), form: form, withCategories: true)
        var builder = try TreeEnsembleBuilder(form)
        let trees = (0..<11).map { _ in source.tree(depth: 3) }
        for tree in trees { try builder.add(tree) }
        let ensemble = builder.finish()
        for _ in 0..<20 {
            let row = source.row(for: trees, withMissing: true)
            var values = [Double](repeating: -9, count: trees.count)
            ensemble.leaves(row: row, into: &values)
            #expect(values == trees.map { $0.values[PlainTree.leaf($0, form, row)] })
        }
    }

    @Test("no tree at all adds nothing")
    func none() throws {
        let form = TreeForm(features: 1, outputs: 1, precision: .float, comparison: .below, sum: .float)
        let ensemble = try TreeEnsembleBuilder(form).finish()
        var sums = [0.25]
        ensemble.add(row: [1], to: &sums)
        #expect(sums == [0.25])
    }

    @Test("a tree too big for short distances is walked all the same")
    func big() throws {
        // 2^17 leaves: the children of the lowest level lie further than 16 bits from their parents.
        let form = TreeForm(features: 1, outputs: 1, precision: .float, comparison: .below)
        var tree = TreeNodes()
        let count = 1 << 18
        for node in 0..<count - 1 {
            let isLeaf = node >= count / 2 - 1
            tree.left.append(isLeaf ? -1 : Int32(2 * node + 1))
            tree.right.append(isLeaf ? -1 : Int32(2 * node + 2))
            tree.feature.append(0)
            // A binary search for the whole numbers below 2^17.
            let level = (node + 1).bitWidth - 1 - (node + 1).leadingZeroBitCount
            let place = node + 1 - 1 << level
            tree.threshold.append(isLeaf ? 0 : Double((2 * place + 1) << (16 - level)))
            tree.values.append(Double(node - (count / 2 - 1)))
        }
        var builder = try TreeEnsembleBuilder(form)
        try builder.add(tree)
        let ensemble = builder.finish()
        #expect(!ensemble.isCompact)
        for value in [0, 1, 2, 65_535, 65_536, 131_071] {
            var sums = [0.0]
            ensemble.add(row: [Double(value)], to: &sums)
            #expect(sums == [Double(value)])
        }
    }
}
