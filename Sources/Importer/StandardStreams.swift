#if canImport(Glibc)
    import Glibc
#endif

/// Reads and writes without buffers: after confinement no other descriptor may be touched.
enum StandardStreams {
    /// So many bytes; nil when the input ends before.
    static func read(_ count: Int) -> [UInt8]? {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let read = Glibc.read(STDIN_FILENO, base + filled, min(count - filled, 1 << 30))
                guard read > 0 else { break }
                filled += read
            }
        }
        return bytes.count == count ? bytes : nil
    }

    static func write(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let count = Glibc.write(STDOUT_FILENO, base + written, min(buffer.count - written, 1 << 30))
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }
}
