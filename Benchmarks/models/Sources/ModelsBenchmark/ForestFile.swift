import Models

/// A forest as `reference.py` writes it: scikit-learn's arrays, tree by tree.
enum ForestFile {
    static func read(_ bytes: [UInt8]) throws -> TreeEnsemble {
        try bytes.withUnsafeBytes { raw in
            var position = 0
            func integer() -> Int {
                defer { position += 4 }
                return Int(raw.loadUnaligned(fromByteOffset: position, as: Int32.self))
            }
            func array<Element: BitwiseCopyable>(_ count: Int) -> [Element] {
                defer { position += count * MemoryLayout<Element>.size }
                return [Element](unsafeUninitializedCapacity: count) { buffer, filled in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(
                        from: UnsafeRawBufferPointer(
                            rebasing: raw[position..<position + count * MemoryLayout<Element>.size]
                        )
                    )
                    filled = count
                }
            }
            let trees = integer()
            let features = integer()
            var builder = try TreeEnsembleBuilder(
                TreeForm(features: features, outputs: 1, precision: .float, comparison: .atMost)
            )
            for _ in 0..<trees {
                let count = integer()
                var nodes = TreeNodes()
                nodes.left = array(count)
                nodes.right = array(count)
                nodes.feature = array(count)
                nodes.threshold = array(count)
                nodes.values = array(count)
                try builder.add(nodes)
            }
            return builder.finish()
        }
    }
}
