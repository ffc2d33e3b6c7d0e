/// One row.
extension TreeEnsemble {
    /// Chooses the leaves' kind.
    func addRow<Step: TreeStep>(
        _ step: Step.Type,
        _ nodes: UnsafePointer<Step.Node>,
        _ values: UnsafePointer<Step.Value>,
        _ row: UnsafePointer<Double>,
        _ sums: UnsafeMutablePointer<Double>
    ) {
        let walk = TreeWalk<Step>(nodes: nodes, sets: categorySets)
        if let floats = storage.floats {
            addFloats(walk, values, floats, sums)
        } else if let vectors = storage.vectors, let slots = storage.slots {
            addLeaves(walk, values, VectorLeaves(slots: slots, values: vectors, width: outputs), row, sums)
        } else if let leaves = linearLeaves {
            addLeaves(walk, values, leaves, row, sums)
        } else if let doubles = storage.doubles {
            addLeaves(walk, values, ScalarLeaves(values: doubles), row, sums)
        }
    }

    var linearLeaves: LinearLeaves? {
        guard let values = storage.doubles, let slots = storage.slots, let entries = storage.linear else { return nil }
        // Functions may all be constant: then there is no array of features, and nothing reads it.
        guard let features = storage.linearFeatures ?? UnsafePointer(bitPattern: MemoryLayout<Int32>.alignment),
            let coefficients = storage.coefficients ?? UnsafePointer(bitPattern: MemoryLayout<Double>.alignment)
        else { return nil }
        return LinearLeaves(
            values: values,
            slots: slots,
            entries: entries,
            features: features,
            coefficients: coefficients
        )
    }

    /// The leaves' nodes for one row, by tree.
    ///
    /// `found` has room for a multiple of eight.
    func findLeaves(_ row: UnsafePointer<Double>, _ found: UnsafeMutablePointer<Int32>) {
        if let nodes = storage.compact {
            withUnsafeTemporaryAllocation(of: Float.self, capacity: features) { buffer in
                guard let values = buffer.baseAddress else { return }
                for feature in 0..<features { values[feature] = Float(row[feature]) }
                find(TreeWalk<CompactMissingStep>(nodes: nodes, sets: categorySets), values, found)
            }
        } else if let nodes = storage.wide {
            withUnsafeTemporaryAllocation(of: Double.self, capacity: features) { buffer in
                guard let values = buffer.baseAddress else { return }
                for feature in 0..<features { values[feature] = form.seen(row[feature]) }
                find(TreeWalk<WideFullStep>(nodes: nodes, sets: categorySets), values, found)
            }
        }
    }

    private func find<Step: TreeStep>(
        _ walk: TreeWalk<Step>,
        _ values: UnsafePointer<Step.Value>,
        _ found: UnsafeMutablePointer<Int32>
    ) {
        var tree = 0
        while tree < trees {
            walk.trees(storage.roots + tree, depth: storage.groupDepths[tree >> 3], row: values, into: found + tree)
            tree += 8
        }
    }

    private func addLeaves<Step: TreeStep, Leaves: LeafStore>(
        _ walk: TreeWalk<Step>,
        _ values: UnsafePointer<Step.Value>,
        _ leaves: Leaves,
        _ row: UnsafePointer<Double>,
        _ sums: UnsafeMutablePointer<Double>
    ) where Leaves.Sum == Double {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 8) { buffer in
            guard let found = buffer.baseAddress else { return }
            var tree = 0
            while tree < trees {
                walk.trees(storage.roots + tree, depth: storage.groupDepths[tree >> 3], row: values, into: found)
                for lane in 0..<min(8, trees - tree) {
                    leaves.add(
                        Int(found[lane]),
                        column: Int(storage.columns[tree + lane]),
                        to: sums,
                        1,
                        row: row
                    )
                }
                tree += 8
            }
        }
    }

    /// 32-bit sums.
    ///
    /// They are exact in the caller's 64 bits, between which and these they are converted once a group.
    private func addFloats<Step: TreeStep>(
        _ walk: TreeWalk<Step>,
        _ values: UnsafePointer<Step.Value>,
        _ leaves: UnsafePointer<Float>,
        _ sums: UnsafeMutablePointer<Double>
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 8) { buffer in
            guard let found = buffer.baseAddress else { return }
            var only = Float(sums[0])
            var tree = 0
            while tree < trees {
                walk.trees(storage.roots + tree, depth: storage.groupDepths[tree >> 3], row: values, into: found)
                let lanes = min(8, trees - tree)
                if outputs == 1 {
                    for lane in 0..<lanes { only += leaves[Int(found[lane])] }
                } else {
                    for lane in 0..<lanes {
                        let column = Int(storage.columns[tree + lane])
                        sums[column] = Double(Float(sums[column]) + leaves[Int(found[lane])])
                    }
                }
                tree += 8
            }
            if outputs == 1 { sums[0] = Double(only) }
        }
    }
}
