/// The first three levels of a tree, for rows that go down side by side: seven comparisons of eight rows each cost less than
/// three steps of each row.
struct TreeTop<Value: BinaryFloatingPoint & SIMDScalar> {
    /// Of the nodes in the order of their levels, the last one unused.
    var features = SIMD8<Int32>(repeating: 0)
    /// As in `WideNode`: NaN where nothing goes right.
    var thresholds = SIMD8<Value>(repeating: .nan)
    /// Bit by node: NaN goes right.
    var missingGoesRight: UInt8 = 0
    /// The nodes of the fourth level, or the leaves above it.
    var starts = SIMD8<Int32>(repeating: 0)

    static var levels: Int32 { 3 }

    /// From the compiled nodes; a leaf above the fourth level stands for all that would be below it.
    init(_ nodes: [WideNode], root: Int) {
        var places = [root]
        for slot in 0..<7 {
            let node = nodes[places[slot]]
            if Int(node.left) == places[slot] {
                places.append(contentsOf: [places[slot], places[slot]])
                continue
            }
            features[slot] = Int32(node.feature)
            thresholds[slot] = Value(node.threshold)
            if node.has(WideNode.missingGoesRight) { missingGoesRight |= 1 << UInt8(slot) }
            places.append(contentsOf: [Int(node.left), Int(node.left) + 1])
        }
        for slot in 0..<8 { starts[slot] = Int32(places[7 + slot]) }
    }
}

extension TreeWalk {
    /// Where the rows of a block are after three levels.
    ///
    /// Written row by row without a branch: the compiler makes vectors of it. (With vectors written out, generic over their
    /// type, it calls a function for each lane.)
    @inline(__always)
    func begin(
        _ top: UnsafePointer<TreeTop<Step.Value>>,
        block: UnsafePointer<Step.Value>,
        into nodes: UnsafeMutablePointer<Int32>
    ) {
        @inline(__always)
        func column(_ slot: Int) -> UnsafePointer<Step.Value> {
            block + Int(top.pointee.features[slot]) &* TreeBlock.rows
        }
        @inline(__always)
        func goesMissing(_ slot: Int) -> Bool { top.pointee.missingGoesRight & (1 << UInt8(slot)) != 0 }
        @inline(__always)
        func right(_ value: Step.Value, _ threshold: Step.Value, _ missing: Bool) -> Bool {
            let above = value >= threshold
            return Step.seesMissing ? (above ? true : (missing ? value != value : false)) : above
        }
        let (c0, c1, c2, c3) = (column(0), column(1), column(2), column(3))
        let (c4, c5, c6) = (column(4), column(5), column(6))
        let thresholds = top.pointee.thresholds
        let (t0, t1, t2, t3) = (thresholds[0], thresholds[1], thresholds[2], thresholds[3])
        let (t4, t5, t6) = (thresholds[4], thresholds[5], thresholds[6])
        let (m0, m1, m2, m3) = (goesMissing(0), goesMissing(1), goesMissing(2), goesMissing(3))
        let (m4, m5, m6) = (goesMissing(4), goesMissing(5), goesMissing(6))
        for row in 0..<TreeBlock.rows {
            let r0 = right(c0[row], t0, m0), r1 = right(c1[row], t1, m1), r2 = right(c2[row], t2, m2)
            let r3 = right(c3[row], t3, m3), r4 = right(c4[row], t4, m4)
            let r5 = right(c5[row], t5, m5), r6 = right(c6[row], t6, m6)
            let second = r0 ? r2 : r1
            let low = r1 ? r4 : r3
            let high = r2 ? r6 : r5
            let third = r0 ? high : low
            nodes[row] = (r0 ? 4 : 0) | (second ? 2 : 0) | (third ? 1 : 0)
        }
        let starts = top.pointer(to: \.starts)
        guard let starts else { return }
        starts.withMemoryRebound(to: Int32.self, capacity: 8) { starts in
            for row in 0..<TreeBlock.rows { nodes[row] = starts[Int(nodes[row])] }
        }
    }
}
