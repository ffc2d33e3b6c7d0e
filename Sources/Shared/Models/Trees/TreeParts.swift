/// What a builder gathers, tree by tree, before it becomes a `TreeStorage`.
struct TreeParts {
    var wide: [WideNode] = []
    var compact: [CompactNode] = []
    var floats: [Float] = []
    var doubles: [Double] = []
    /// For vector leaves the place of the vector, for linear ones that of the function, by node.
    var slots: [Int32] = []
    var vectors: [Double] = []
    var linear: [LinearLeaves.Entry] = []
    var linearFeatures: [Int32] = []
    var coefficients: [Double] = []
    var sets: [CategorySets.Entry] = []
    var words: [UInt32] = []
    var roots: [Int32] = []
    var depths: [TreeDepth] = []
    /// Of groups of trees that one row walks down together.
    var groupDepths: [TreeDepth] = []
    var columns: [Int32] = []
    var hasZeroMissing = false
    var floatTops: [TreeTop<Float>] = []
    var doubleTops: [TreeTop<Double>] = []

    /// Makes the tops of the trees, of the kind that the nodes will have.
    mutating func makeTops() {
        if compact.isEmpty {
            if sets.isEmpty, !hasZeroMissing { doubleTops = roots.map { TreeTop(wide, root: Int($0)) } }
        } else {
            floatTops = roots.map { TreeTop(wide, root: Int($0)) }
            wide = []
        }
    }

    /// Fills the last group up, and finds the steps of each.
    mutating func closeGroups(lanes: Int) {
        guard let last = roots.last else { return }
        for first in stride(from: 0, to: depths.count, by: lanes) {
            var group = TreeDepth(usual: 0, most: 0)
            for depth in depths[first..<min(depths.count, first + lanes)] {
                group = TreeDepth(usual: max(group.usual, depth.usual), most: max(group.most, depth.most))
            }
            groupDepths.append(group)
        }
        while roots.count % lanes != 0 { roots.append(last) }
    }

    /// Drops what only some ensembles need.
    mutating func dropUnused(vectorLeaves: Bool) {
        if !vectorLeaves, linear.isEmpty { slots = [] }
    }

    /// Replaces wide nodes by compact ones where all of them fit.
    ///
    /// The thresholds are 32-bit numbers already.
    mutating func compactIfPossible(features: Int) {
        guard sets.isEmpty, !hasZeroMissing, features <= CompactNode.maximumFeatures else { return }
        var result: [CompactNode] = []
        result.reserveCapacity(wide.count)
        for (index, node) in wide.enumerated() {
            let distance = Int(node.left) - index
            guard distance <= CompactNode.maximumDistance else { return }
            result.append(
                CompactNode(
                    threshold: Float(node.threshold),
                    distance: distance,
                    feature: node.feature,
                    missingGoesRight: node.has(WideNode.missingGoesRight)
                )
            )
        }
        compact = result
    }
}
