/// The order in which a tree's nodes are laid out: level by level, siblings side by side.
///
/// Finding it proves the shape.
struct TreeOrder {
    /// Old places in the new order.
    private(set) var nodes: [Int32] = []
    /// New places by old place; -1 for strays.
    private(set) var places: [Int32] = []
    private(set) var depth = 0
    /// Steps after which most rows have arrived: one more than the leaves' mean depth, at most the depth.
    private(set) var usualDepth = 0

    /// Walks the tree from its root.
    ///
    /// - Throws: When a child is out of range, has two parents, is its own ancestor, or nothing leads to a node.
    mutating func walk(_ tree: TreeNodes, _ form: TreeForm, number: Int) throws(ModelRejection) {
        let count = tree.left.count
        nodes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
        places.append(contentsOf: repeatElement(-1, count: count))
        nodes.append(0)
        places[0] = 0
        depth = 0
        var next = 0
        var leaves = 0, leafDepths = 0
        while true {
            let levelEnd = nodes.count
            while next < levelEnd {
                let node = Int(nodes[next])
                next += 1
                let left = Int(tree.left[node]), right = Int(tree.right[node])
                if left < 0 && right < 0 {
                    leaves += 1
                    leafDepths += depth
                    continue
                }
                guard left >= 0, right >= 0, left < count, right < count else {
                    throw Self.fault("tree \(number): node \(node) has a child outside of 0..<\(count)")
                }
                if form.childrenFollow, left <= node || right <= node {
                    throw Self.fault("tree \(number): a child of node \(node) stands before it")
                }
                guard left != right, places[left] < 0, places[right] < 0 else {
                    throw Self.fault("tree \(number): a child of node \(node) has another parent")
                }
                places[left] = Int32(nodes.count)
                places[right] = Int32(nodes.count + 1)
                nodes.append(Int32(left))
                nodes.append(Int32(right))
            }
            if nodes.count == levelEnd { break }
            depth += 1
        }
        usualDepth = min(depth, leafDepths / max(1, leaves) + 2)
        guard nodes.count == count || form.allowsStrayNodes else {
            throw Self.fault("tree \(number): no split leads to \(count - nodes.count) of its nodes")
        }
    }

    private static func fault(_ message: String) -> ModelRejection { ModelRejection(.invalidModel, message) }
}
