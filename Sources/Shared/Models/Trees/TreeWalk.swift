/// Walks that go on side by side: a step waits for memory, and eight of them wait no longer than one.
///
/// All walks make as many steps as most of them need, and then two at a time until all have arrived; one that has arrived
/// stays at its leaf.
struct TreeWalk<Step: TreeStep> {
    static var lanes: Int { 8 }

    let nodes: UnsafePointer<Step.Node>
    let sets: CategorySets

    /// One row down eight trees.
    @inline(__always)
    func trees(
        _ roots: UnsafePointer<Int32>,
        depth: TreeDepth,
        row: UnsafePointer<Step.Value>,
        into leaves: UnsafeMutablePointer<Int32>
    ) {
        var a = Int(roots[0]), b = Int(roots[1]), c = Int(roots[2]), d = Int(roots[3])
        var e = Int(roots[4]), f = Int(roots[5]), g = Int(roots[6]), h = Int(roots[7])
        var left = Int(depth.most)
        var steps = Int(depth.usual)
        while true {
            for _ in 0..<steps {
                a = Step.next(nodes, a, row, 1, sets)
                b = Step.next(nodes, b, row, 1, sets)
                c = Step.next(nodes, c, row, 1, sets)
                d = Step.next(nodes, d, row, 1, sets)
                e = Step.next(nodes, e, row, 1, sets)
                f = Step.next(nodes, f, row, 1, sets)
                g = Step.next(nodes, g, row, 1, sets)
                h = Step.next(nodes, h, row, 1, sets)
            }
            left -= steps
            if left <= 0 || arrived(a, b, c, d, e, f, g, h) { break }
            steps = min(left, 2)
        }
        Self.store(a, b, c, d, e, f, g, h, leaves)
    }

    /// Eight rows down one tree, from the nodes that `leaves` holds to the leaves.
    ///
    /// A feature's values lie side by side, those of the next feature `TreeBlock.rows` on.
    @inline(__always)
    func rows(
        depth: TreeDepth,
        first: UnsafePointer<Step.Value>,
        into leaves: UnsafeMutablePointer<Int32>
    ) {
        let spacing = TreeBlock.rows
        var a = Int(leaves[0]), b = Int(leaves[1]), c = Int(leaves[2]), d = Int(leaves[3])
        var e = Int(leaves[4]), f = Int(leaves[5]), g = Int(leaves[6]), h = Int(leaves[7])
        var left = Int(depth.most)
        var steps = Int(depth.usual)
        while true {
            for _ in 0..<steps {
                a = Step.next(nodes, a, first, spacing, sets)
                b = Step.next(nodes, b, first + 1, spacing, sets)
                c = Step.next(nodes, c, first + 2, spacing, sets)
                d = Step.next(nodes, d, first + 3, spacing, sets)
                e = Step.next(nodes, e, first + 4, spacing, sets)
                f = Step.next(nodes, f, first + 5, spacing, sets)
                g = Step.next(nodes, g, first + 6, spacing, sets)
                h = Step.next(nodes, h, first + 7, spacing, sets)
            }
            left -= steps
            if left <= 0 || arrived(a, b, c, d, e, f, g, h) { break }
            steps = min(left, 2)
        }
        Self.store(a, b, c, d, e, f, g, h, leaves)
    }

    @inline(__always)
    private func arrived(
        _ a: Int,
        _ b: Int,
        _ c: Int,
        _ d: Int,
        _ e: Int,
        _ f: Int,
        _ g: Int,
        _ h: Int
    ) -> Bool {
        Step.isLeaf(nodes, a) && Step.isLeaf(nodes, b) && Step.isLeaf(nodes, c) && Step.isLeaf(nodes, d)
            && Step.isLeaf(nodes, e) && Step.isLeaf(nodes, f) && Step.isLeaf(nodes, g) && Step.isLeaf(nodes, h)
    }

    @inline(__always)
    private static func store(
        _ a: Int,
        _ b: Int,
        _ c: Int,
        _ d: Int,
        _ e: Int,
        _ f: Int,
        _ g: Int,
        _ h: Int,
        _ leaves: UnsafeMutablePointer<Int32>
    ) {
        leaves[0] = Int32(truncatingIfNeeded: a)
        leaves[1] = Int32(truncatingIfNeeded: b)
        leaves[2] = Int32(truncatingIfNeeded: c)
        leaves[3] = Int32(truncatingIfNeeded: d)
        leaves[4] = Int32(truncatingIfNeeded: e)
        leaves[5] = Int32(truncatingIfNeeded: f)
        leaves[6] = Int32(truncatingIfNeeded: g)
        leaves[7] = Int32(truncatingIfNeeded: h)
    }
}
