/// Runs parts of a big batch at once, on threads that the caller provides: this module starts none by itself.
package struct RowSplit: Sendable {
    /// Fewer rows are not worth a second thread.
    static let worthwhile = 500

    private let parts: Int
    private let perform: @Sendable (_ parts: Int, _ part: @escaping @Sendable (Int) -> Void) -> Void

    /// - Parameters:
    ///   - parts: How many parts a batch is cut into, one for each thread.
    ///   - perform: Calls `part` with each of 0..<parts, at once as far as it can, and returns when all have.
    package init(
        parts: Int,
        perform: @escaping @Sendable (_ parts: Int, _ part: @escaping @Sendable (Int) -> Void) -> Void
    ) {
        self.parts = max(1, parts)
        self.perform = perform
    }

    func run(_ count: Int, _ body: @escaping @Sendable (Range<Int>) -> Void) {
        // Blocks are of 64 rows: a part ends between two of them.
        let each = ((count + parts - 1) / parts + 63) & ~63
        perform(parts) { part in
            let start = min(count, part * each)
            let end = min(count, start + each)
            if start < end { body(start..<end) }
        }
    }
}
