/// Compiled trees, made by `TreeEnsembleBuilder`.
///
/// Evaluating takes no lock and, for rows of up to 128 features, no memory.
///
/// All answers are sums: the caller fills `sums` with what the library starts from (base score, initial prediction, or 0)
/// and divides or links afterwards. Leaves are added in the order of the trees, in the precision of the form.
package struct TreeEnsemble: Sendable {
    package let features: Int
    package let outputs: Int
    package let trees: Int
    package let nodes: Int
    /// Whether nodes take 8 bytes, not 16.
    package let isCompact: Bool
    let form: TreeForm
    let storage: TreeStorage
    /// Whether wide nodes need the step that knows categories and zeros that are missing.
    let needsFullStep: Bool

    init(_ form: TreeForm, _ parts: TreeParts) {
        features = form.features
        outputs = form.outputs
        trees = parts.depths.count
        nodes = max(parts.compact.count, parts.wide.count)
        isCompact = !parts.compact.isEmpty
        needsFullStep = !parts.sets.isEmpty || parts.hasZeroMissing
        self.form = form
        var parts = parts
        parts.closeGroups(lanes: 8)
        storage = TreeStorage(parts)
    }

    /// Bytes that the compiled form takes.
    package var byteCount: Int { storage.byteCount }

    /// Adds the trees' leaves to the sums of one row: `features` values, NaN where missing; `outputs` sums.
    package func add(row: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>) {
        guard trees > 0 else { return }
        if isCompact {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: features) { buffer in
                guard let values = buffer.baseAddress else { return }
                var spoilt: Float = 0
                for feature in 0..<features {
                    let value = Float(row[feature])
                    values[feature] = value
                    // NaN stays, and so would infinity times 0: then the slower step answers the same.
                    spoilt += value * 0
                }
                add(values: values, hasMissing: spoilt.isNaN, row: row, to: sums)
            }
        } else {
            withUnsafeTemporaryAllocation(of: Double.self, capacity: features) { buffer in
                guard let values = buffer.baseAddress else { return }
                var spoilt = 0.0
                for feature in 0..<features {
                    let value = form.seen(row[feature])
                    values[feature] = value
                    spoilt += value * 0
                }
                add(values: values, hasMissing: spoilt.isNaN, row: row, to: sums)
            }
        }
    }

    /// The same for `count` rows, which begin `stride` values apart; the sums of a row follow those of the one before.
    package func add(
        rows: UnsafePointer<Double>,
        count: Int,
        stride: Int,
        to sums: UnsafeMutablePointer<Double>
    ) {
        guard trees > 0 else { return }
        // Below this the gain of a block does not pay for laying it out.
        guard count >= 4 else {
            for index in 0..<count { add(row: rows + index * stride, to: sums + index * outputs) }
            return
        }
        if storage.floats != nil {
            addBlocks(Float.self, rows, count, stride, sums)
        } else {
            addBlocks(Double.self, rows, count, stride, sums)
        }
    }

    /// The same with the rows shared out where there are enough of them.
    package func add(
        rows: UnsafePointer<Double>,
        count: Int,
        stride: Int,
        to sums: UnsafeMutablePointer<Double>,
        split: RowSplit?
    ) {
        guard let split, count >= RowSplit.worthwhile else {
            return add(rows: rows, count: count, stride: stride, to: sums)
        }
        // Parts write to places of their own.
        nonisolated(unsafe) let rows = rows, sums = sums
        split.run(count) { range in
            add(
                rows: rows + range.lowerBound * stride,
                count: range.count,
                stride: stride,
                to: sums + range.lowerBound * outputs
            )
        }
    }

    /// The value of each tree's leaf for one row, for those who weigh trees otherwise.
    ///
    /// - Precondition: Leaves are single 64-bit values. `values` has room for `trees`.
    package func leaves(row: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>) {
        guard let doubles = storage.doubles else { return }
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: (trees + 7) & ~7) { nodes in
            guard let nodes = nodes.baseAddress else { return }
            findLeaves(row, nodes)
            for tree in 0..<trees { values[tree] = doubles[Int(nodes[tree])] }
        }
    }

    var categorySets: CategorySets {
        CategorySets(entries: storage.sets, words: storage.words, truncates: form.truncatesCategories)
    }

    private func add(
        values: UnsafePointer<Float>,
        hasMissing: Bool,
        row: UnsafePointer<Double>,
        to sums: UnsafeMutablePointer<Double>
    ) {
        guard let nodes = storage.compact else { return }
        if hasMissing {
            addRow(CompactMissingStep.self, nodes, values, row, sums)
        } else {
            addRow(CompactStep.self, nodes, values, row, sums)
        }
    }

    private func add(
        values: UnsafePointer<Double>,
        hasMissing: Bool,
        row: UnsafePointer<Double>,
        to sums: UnsafeMutablePointer<Double>
    ) {
        guard let nodes = storage.wide else { return }
        if needsFullStep {
            addRow(WideFullStep.self, nodes, values, row, sums)
        } else if hasMissing {
            addRow(WideMissingStep.self, nodes, values, row, sums)
        } else {
            addRow(WideStep.self, nodes, values, row, sums)
        }
    }
}

extension TreeForm {
    /// A feature as the library compares it, in 64 bits.
    @inline(__always)
    func seen(_ value: Double) -> Double {
        if precision == .float { return Double(Float(value)) }
        return flushesTinyValues && value.magnitude <= Self.tiny ? 0 : value
    }
}
