/// One step down a tree.
///
/// Kinds of nodes and of rows differ in it; everything else is written once and specialised.
///
/// Steps do not check indices: `TreeEnsembleBuilder` has proved them.
protocol TreeStep {
    associatedtype Node
    associatedtype Value: BinaryFloatingPoint & SIMDScalar

    /// Whether NaN may be in the row, and is looked at.
    static var seesMissing: Bool { get }
    /// Whether all splits are comparisons, so that a tree may begin with its top.
    static var comparesOnly: Bool { get }

    /// The child of the node at `index` that the row goes to; the node itself at a leaf.
    ///
    /// Values of a row lie `spacing` apart.
    static func next(
        _ nodes: UnsafePointer<Node>,
        _ index: Int,
        _ row: UnsafePointer<Value>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int

    /// Whether the walk has ended at this node.
    static func isLeaf(_ nodes: UnsafePointer<Node>, _ index: Int) -> Bool
}

extension TreeStep where Node == CompactNode {
    @inline(__always)
    static func isLeaf(_ nodes: UnsafePointer<CompactNode>, _ index: Int) -> Bool {
        nodes[index].bits & (0xFFFF << 32) == 0
    }
}

extension TreeStep where Node == WideNode {
    @inline(__always)
    static func isLeaf(_ nodes: UnsafePointer<WideNode>, _ index: Int) -> Bool { nodes[index].left == index }
}

/// Compact nodes, and a row without NaN.
enum CompactStep: TreeStep {
    static var seesMissing: Bool { false }
    static var comparesOnly: Bool { true }

    @inline(__always)
    static func next(
        _ nodes: UnsafePointer<CompactNode>,
        _ index: Int,
        _ row: UnsafePointer<Float>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int {
        let bits = nodes[index].bits
        let value = row[Int(truncatingIfNeeded: (bits >> 48) & 0x7FFF) &* spacing]
        let right = value >= Float(bitPattern: UInt32(truncatingIfNeeded: bits))
        return index &+ Int(truncatingIfNeeded: (bits >> 32) & 0xFFFF) &+ (right ? 1 : 0)
    }
}

/// Compact nodes, and a row that may hold NaN.
enum CompactMissingStep: TreeStep {
    static var seesMissing: Bool { true }
    static var comparesOnly: Bool { true }

    @inline(__always)
    static func next(
        _ nodes: UnsafePointer<CompactNode>,
        _ index: Int,
        _ row: UnsafePointer<Float>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int {
        let bits = nodes[index].bits
        let value = row[Int(truncatingIfNeeded: (bits >> 48) & 0x7FFF) &* spacing]
        let above = value >= Float(bitPattern: UInt32(truncatingIfNeeded: bits)) ? 1 : 0
        let missing = value.isNaN ? Int(truncatingIfNeeded: bits >> 63) : 0
        return index &+ Int(truncatingIfNeeded: (bits >> 32) & 0xFFFF) &+ (above | missing)
    }
}

/// Wide nodes without categories and zeros that are missing, and a row without NaN.
enum WideStep: TreeStep {
    static var seesMissing: Bool { false }
    static var comparesOnly: Bool { true }

    @inline(__always)
    static func next(
        _ nodes: UnsafePointer<WideNode>,
        _ index: Int,
        _ row: UnsafePointer<Double>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int {
        let node = nodes + index
        let value = row[node.pointee.feature &* spacing]
        return Int(node.pointee.left) &+ (value >= node.pointee.threshold ? 1 : 0)
    }
}

/// Wide nodes without categories and zeros that are missing, and a row that may hold NaN.
enum WideMissingStep: TreeStep {
    static var seesMissing: Bool { true }
    static var comparesOnly: Bool { true }

    @inline(__always)
    static func next(
        _ nodes: UnsafePointer<WideNode>,
        _ index: Int,
        _ row: UnsafePointer<Double>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int {
        let node = nodes + index
        let value = row[node.pointee.feature &* spacing]
        let above = value >= node.pointee.threshold ? 1 : 0
        let missing = value.isNaN ? Int(node.pointee.featureAndFlags >> 31) : 0
        return Int(node.pointee.left) &+ (above | missing)
    }
}

/// Wide nodes of every kind.
enum WideFullStep: TreeStep {
    static var seesMissing: Bool { true }
    static var comparesOnly: Bool { false }

    @inline(__always)
    static func next(
        _ nodes: UnsafePointer<WideNode>,
        _ index: Int,
        _ row: UnsafePointer<Double>,
        _ spacing: Int,
        _ sets: CategorySets
    ) -> Int {
        let node = nodes[index]
        let value = row[node.feature &* spacing]
        let left = Int(node.left)
        if node.has(WideNode.categorical) {
            return left &+ (sets.goesRight(value, Int(truncatingIfNeeded: node.threshold.bitPattern)) ? 1 : 0)
        }
        let missing = value.isNaN || (node.has(WideNode.zeroIsMissing) && value.magnitude <= TreeForm.tiny)
        if missing { return left &+ Int(node.featureAndFlags >> 31) }
        return left &+ (value >= node.threshold ? 1 : 0)
    }
}

extension TreeForm {
    /// 1e-35 as LightGBM holds it, in 32 bits.
    static let tiny = Double(Float(1e-35))
}
