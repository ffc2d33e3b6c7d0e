/// A stretch of the file, or of the bytes that the machine had to make (escapes, old text forms of bytes).
package struct ByteRange: Sendable, Equatable {
    /// Counted in the file from 0; `~start` counts in the made bytes when negative.
    package let start: Int32
    package let count: Int32
}
