/// An answer to a packing problem: filled bins, equal ones counted together, and what is left outside.
///
/// All indices are those of the problem's own lists.
package struct Packing: Sendable, Hashable {
    package struct Content: Sendable, Hashable {
        package var item: Int
        package var count: Int64

        package init(item: Int, count: Int64) {
            self.item = item
            self.count = count
        }
    }

    /// Equal bins with equal contents.
    package struct Pattern: Sendable, Hashable {
        package var bin: Int
        /// In the order of the item classes, each at most once.
        package var contents: [Content]
        package var multiplicity: Int64

        package init(bin: Int, contents: [Content], multiplicity: Int64) {
            self.bin = bin
            self.contents = contents
            self.multiplicity = multiplicity
        }
    }

    package var patterns: [Pattern]
    /// Items without a place, in the order of the item classes.
    package var unplaced: [Content]

    package init(patterns: [Pattern] = [], unplaced: [Content] = []) {
        self.patterns = patterns
        self.unplaced = unplaced
    }

    package var isComplete: Bool { unplaced.isEmpty }
    /// Bins used.
    package var binCount: Int64 { patterns.reduce(0) { $0.saturatingAdd($1.multiplicity) } }

    /// Cost of the bins used, at most Int64.max.
    package func cost(in problem: PackingProblem) -> Int64 {
        patterns.reduce(0) {
            $0.saturatingAdd(max(0, problem.bins[$1.bin].cost).saturatingMultiply($1.multiplicity))
        }
    }
}
