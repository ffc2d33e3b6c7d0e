/// How much a document may hold before it is refused.
package struct JSONLimits: Sendable, Equatable {
    /// Largest document in bytes, counted unpacked.
    package var maximumBytes: Int
    /// Deepest nesting of lists and objects.
    ///
    /// Real Kubernetes dumps stay below 20; 64 leaves room and keeps the recursive reader far away from the end of a 512 KiB thread stack.
    package var maximumDepth: Int

    package init(maximumBytes: Int = 128 << 20, maximumDepth: Int = 64) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }
}
