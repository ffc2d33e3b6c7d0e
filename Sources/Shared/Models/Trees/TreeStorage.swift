/// The memory of a compiled ensemble: written once, then only read.
///
/// Sendable without a lock because nothing changes after `TreeEnsembleBuilder.finish`.
final class TreeStorage: @unchecked Sendable {
    let compact: UnsafePointer<CompactNode>?
    let wide: UnsafePointer<WideNode>?
    let floats: UnsafePointer<Float>?
    let doubles: UnsafePointer<Double>?
    let slots: UnsafePointer<Int32>?
    let vectors: UnsafePointer<Double>?
    let linear: UnsafePointer<LinearLeaves.Entry>?
    let linearFeatures: UnsafePointer<Int32>?
    let coefficients: UnsafePointer<Double>?
    let sets: UnsafePointer<CategorySets.Entry>
    let words: UnsafePointer<UInt32>
    /// The first nodes of the trees, filled up to a multiple of the lanes with the last one.
    let roots: UnsafePointer<Int32>
    let depths: UnsafePointer<TreeDepth>
    let groupDepths: UnsafePointer<TreeDepth>
    let columns: UnsafePointer<Int32>
    private let floatTops: UnsafePointer<TreeTop<Float>>?
    private let doubleTops: UnsafePointer<TreeTop<Double>>?
    private let regions: [UnsafeMutableRawPointer]
    let byteCount: Int

    init(_ parts: TreeParts) {
        var regions: [UnsafeMutableRawPointer] = []
        var byteCount = 0
        func keep<Element>(_ array: [Element]) -> UnsafePointer<Element> {
            let size = max(1, array.count) * MemoryLayout<Element>.stride
            // 64 is a cache line: pairs of nodes never straddle two for want of alignment.
            let region = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
            array.withUnsafeBytes {
                if let base = $0.baseAddress { region.copyMemory(from: base, byteCount: $0.count) }
            }
            regions.append(region)
            byteCount += size
            return UnsafePointer(region.assumingMemoryBound(to: Element.self))
        }
        func keepUnlessEmpty<Element>(_ array: [Element]) -> UnsafePointer<Element>? {
            array.isEmpty ? nil : keep(array)
        }
        compact = keepUnlessEmpty(parts.compact)
        wide = keepUnlessEmpty(parts.wide)
        floats = keepUnlessEmpty(parts.floats)
        doubles = keepUnlessEmpty(parts.doubles)
        slots = keepUnlessEmpty(parts.slots)
        vectors = keepUnlessEmpty(parts.vectors)
        linear = keepUnlessEmpty(parts.linear)
        linearFeatures = keepUnlessEmpty(parts.linearFeatures)
        coefficients = keepUnlessEmpty(parts.coefficients)
        sets = keep(parts.sets)
        words = keep(parts.words)
        roots = keep(parts.roots)
        depths = keep(parts.depths)
        groupDepths = keep(parts.groupDepths)
        columns = keep(parts.columns)
        floatTops = keepUnlessEmpty(parts.floatTops)
        doubleTops = keepUnlessEmpty(parts.doubleTops)
        self.regions = regions
        self.byteCount = byteCount
    }

    /// The tops of trees with thresholds of that type, which is one of two.
    func tops<Value: BinaryFloatingPoint & SIMDScalar>(_ value: Value.Type) -> UnsafePointer<TreeTop<Value>>? {
        let tops =
            Value.self == Float.self ? floatTops.map { UnsafeRawPointer($0) } : doubleTops.map { UnsafeRawPointer($0) }
        return tops?.assumingMemoryBound(to: TreeTop<Value>.self)
    }

    deinit {
        for region in regions { region.deallocate() }
    }
}
