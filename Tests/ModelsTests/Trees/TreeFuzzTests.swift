import FoundationEssentials
import Models
import OracleSupport
import Testing

@Suite("Changed trees")
struct TreeFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let isLong = environment["CLOUDOPTIM_SOAK"] == "fuzz-boosters"
    private static let minutes = environment["CLOUDOPTIM_SOAK_MINUTES"].flatMap { Int($0) } ?? 30

    @Test("trees with wrong numbers in them are refused, or walked as the plain rules do", .timeLimit(.minutes(70)))
    func changed() throws {
        var refused = 0, taken = 0
        let end = ContinuousClock.now + .seconds(60 * Self.minutes)
        var seed: UInt64 = 0
        while Self.isLong ? ContinuousClock.now < end : seed < 1500 {
            seed += 1
            var form = TreeForm(
                features: 3,
                outputs: 2,
                vectorLeaves: seed % 5 == 0,
                precision: seed % 2 == 0 ? .float : .double,
                comparison: seed % 3 == 0 ? .below : .atMost
            )
            form.allowsStrayNodes = seed % 7 == 0
            form.childrenFollow = seed % 4 != 0
            var source = RandomTrees(
                random: SeededGenerator(seed: seed),
                form: form,
                withCategories: seed % 2 == 1,
                withZeros: seed % 8 == 3,
                withLinear: seed % 16 == 1
            )
            var tree = source.tree(depth: 3)
            let count = tree.left.count
            for _ in 0..<Int.random(in: 0...2, using: &source.random) { change(&tree, count, &source.random) }
            var builder = try TreeEnsembleBuilder(form)
            do {
                try builder.add(tree)
            } catch {
                refused += 1
                continue
            }
            taken += 1
            let ensemble = builder.finish()
            let rows = (0..<5).map { _ in source.row(for: [tree], withMissing: true) }
            var sums = [Double](repeating: 0, count: 10)
            ensemble.add(rows: rows.flatMap { $0 }, count: 5, stride: 3, to: &sums)
            for (index, row) in rows.enumerated() {
                let expected = PlainTree.sums([tree], form, row, from: [0, 0])
                #expect(sums[2 * index..<2 * index + 2].map(\.bitPattern) == expected.map(\.bitPattern), "seed \(seed)")
            }
        }
        #expect(refused > 100 && taken > 100)
    }

    private func change(_ tree: inout TreeNodes, _ count: Int, _ random: inout SeededGenerator) {
        let node = Int.random(in: 0..<count, using: &random)
        let wrong: [Int32] = [-1, 0, 1, 2, Int32(node), Int32(count), Int32(count - 1), .max, .min]
        let number = wrong.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<8, using: &random) {
        case 0: tree.left[node] = number
        case 1: tree.right[node] = number
        case 2: (tree.left[node], tree.right[node]) = (tree.right[node], tree.left[node])
        case 3: tree.feature[node] = number
        case 4: tree.threshold[node] = [.nan, .infinity, 0, -.infinity, 1e300].randomElement(using: &random) ?? 0
        case 5 where tree.values.count > node:
            tree.values[node] = [.nan, .infinity, 1e300].randomElement(using: &random) ?? 0
        case 6 where !tree.category.isEmpty: tree.category[node] = number
        default: tree.values = tree.values.dropLast()
        }
    }
}
