/// Many rows, block by block.
extension TreeEnsemble {
    /// One allocation for each kind of buffer and call, none for a block.
    func addBlocks<Sum: BinaryFloatingPoint>(
        _ sum: Sum.Type,
        _ rows: UnsafePointer<Double>,
        _ count: Int,
        _ stride: Int,
        _ sums: UnsafeMutablePointer<Double>
    ) {
        withUnsafeTemporaryAllocation(of: Sum.self, capacity: outputs * TreeBlock.rows) { totals in
            guard let totals = totals.baseAddress else { return }
            if isCompact {
                eachBlock(Float.self, rows, count, stride, totals, sums) { Float($0) }
            } else {
                let form = form
                eachBlock(Double.self, rows, count, stride, totals, sums) { form.seen($0) }
            }
        }
    }

    @inline(__always)
    private func eachBlock<Value: BinaryFloatingPoint, Sum: BinaryFloatingPoint>(
        _ value: Value.Type,
        _ rows: UnsafePointer<Double>,
        _ count: Int,
        _ stride: Int,
        _ totals: UnsafeMutablePointer<Sum>,
        _ sums: UnsafeMutablePointer<Double>,
        _ seen: (Double) -> Value
    ) {
        // Aligned as the vectors that are read from it.
        withUnsafeTemporaryAllocation(
            byteCount: features * TreeBlock.rows * MemoryLayout<Value>.stride,
            alignment: 64
        ) { buffer in
            guard let values = buffer.baseAddress?.bindMemory(to: Value.self, capacity: features * TreeBlock.rows)
            else {
                return
            }
            values.initialize(repeating: 0, count: features * TreeBlock.rows)
            var start = 0
            while start < count {
                let size = min(TreeBlock.rows, count - start)
                let first = rows + start * stride
                var spoilt: Value = 0
                for row in 0..<size {
                    for feature in 0..<features {
                        let value = seen(first[row * stride + feature])
                        values[feature * TreeBlock.rows + row] = value
                        spoilt += value * 0
                    }
                }
                load(totals, sums + start * outputs, size)
                addBlock(values, hasMissing: spoilt.isNaN, first, stride, size, totals)
                store(totals, sums + start * outputs, size)
                start += size
            }
        }
    }

    @inline(__always)
    private func load<Sum: BinaryFloatingPoint>(
        _ totals: UnsafeMutablePointer<Sum>,
        _ sums: UnsafeMutablePointer<Double>,
        _ size: Int
    ) {
        for row in 0..<size {
            for column in 0..<outputs { totals[column * TreeBlock.rows + row] = Sum(sums[row * outputs + column]) }
        }
    }

    @inline(__always)
    private func store<Sum: BinaryFloatingPoint>(
        _ totals: UnsafeMutablePointer<Sum>,
        _ sums: UnsafeMutablePointer<Double>,
        _ size: Int
    ) {
        for row in 0..<size {
            for column in 0..<outputs { sums[row * outputs + column] = Double(totals[column * TreeBlock.rows + row]) }
        }
    }

    /// Chooses the step by the nodes and by whether a value is missing.
    @inline(__always)
    private func addBlock<Value: BinaryFloatingPoint, Sum: BinaryFloatingPoint>(
        _ values: UnsafePointer<Value>,
        hasMissing: Bool,
        _ first: UnsafePointer<Double>,
        _ stride: Int,
        _ size: Int,
        _ totals: UnsafeMutablePointer<Sum>
    ) {
        let block = Block(first: first, stride: stride, size: size)
        if let nodes = storage.compact, let values = values as? UnsafePointer<Float> {
            if hasMissing {
                choose(CompactMissingStep.self, nodes, values, block, totals)
            } else {
                choose(CompactStep.self, nodes, values, block, totals)
            }
        } else if let nodes = storage.wide, let values = values as? UnsafePointer<Double> {
            if needsFullStep {
                choose(WideFullStep.self, nodes, values, block, totals)
            } else if hasMissing {
                choose(WideMissingStep.self, nodes, values, block, totals)
            } else {
                choose(WideStep.self, nodes, values, block, totals)
            }
        }
    }

    /// The rows of a block as the caller gave them.
    private struct Block {
        let first: UnsafePointer<Double>
        let stride: Int
        let size: Int
    }

    /// Chooses the leaves' kind.
    private func choose<Step: TreeStep, Sum: BinaryFloatingPoint>(
        _ step: Step.Type,
        _ nodes: UnsafePointer<Step.Node>,
        _ values: UnsafePointer<Step.Value>,
        _ block: Block,
        _ totals: UnsafeMutablePointer<Sum>
    ) {
        let walk = TreeWalk<Step>(nodes: nodes, sets: categorySets)
        if let floats = storage.floats {
            guard let totals = totals as? UnsafeMutablePointer<Float> else { return }
            addBlock(walk, values, ScalarLeaves(values: floats), block, totals)
            return
        }
        guard let totals = totals as? UnsafeMutablePointer<Double> else { return }
        if let vectors = storage.vectors, let slots = storage.slots {
            addBlock(walk, values, VectorLeaves(slots: slots, values: vectors, width: outputs), block, totals)
        } else if let leaves = linearLeaves {
            addBlock(walk, values, leaves, block, totals)
        } else if let doubles = storage.doubles {
            addBlock(walk, values, ScalarLeaves(values: doubles), block, totals)
        }
    }

    private func addBlock<Step: TreeStep, Leaves: LeafStore>(
        _ walk: TreeWalk<Step>,
        _ values: UnsafePointer<Step.Value>,
        _ leaves: Leaves,
        _ block: Block,
        _ totals: UnsafeMutablePointer<Leaves.Sum>
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: TreeBlock.rows) { buffer in
            guard let found = buffer.baseAddress else { return }
            let tops = Step.comparesOnly ? storage.tops(Step.Value.self) : nil
            for tree in 0..<trees {
                var depth = storage.depths[tree]
                let column = Int(storage.columns[tree])
                if let tops {
                    walk.begin(tops + tree, block: values, into: found)
                    depth = depth.below(TreeTop<Step.Value>.levels)
                } else {
                    found.update(repeating: storage.roots[tree], count: TreeBlock.rows)
                }
                var row = 0
                while row < block.size {
                    walk.rows(depth: depth, first: values + row, into: found + row)
                    row += 8
                }
                for row in 0..<block.size {
                    leaves.add(
                        Int(found[row]),
                        column: column,
                        to: totals + row,
                        TreeBlock.rows,
                        row: block.first + row * block.stride
                    )
                }
            }
        }
    }
}
