/// Packing or unpacking went wrong.
package enum CompressionError: Error, Sendable, Equatable {
    /// zlib could not be given its window.
    case outOfMemory
    /// Not what zlib or gzip write, or broken off.
    case corrupt
    /// Unpacks to more than was allowed.
    case tooLarge
}
