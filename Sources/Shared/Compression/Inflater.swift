import CZlib

/// Unpacks gzip or zlib piece by piece, and stops at a limit: a small bomb must not fill the memory.
package struct Inflater: ~Copyable {
    package enum Progress: Sendable {
        case ok, tooLarge, corrupt
    }

    package private(set) var output: [UInt8] = []
    package private(set) var isComplete = false
    private let maxBytes: Int
    /// zlib keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Throws: when there is no memory for zlib's window.
    package init(maxBytes: Int) throws(CompressionError) {
        self.maxBytes = maxBytes
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; +32: recognise gzip and zlib by their headers.
        let code = czlib_inflate_init(stream, 15 + 32)
        guard code == Z_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Takes the next piece.
    package mutating func feed(_ packed: UnsafeRawBufferPointer) -> Progress {
        guard let base = packed.bindMemory(to: UInt8.self).baseAddress else { return .ok }
        if isComplete { return .corrupt }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
        stream.pointee.avail_in = UInt32(packed.count)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64 << 10) { piece in
            // A full piece may leave more inside zlib, even when all input is taken.
            repeat {
                stream.pointee.next_out = piece.baseAddress
                stream.pointee.avail_out = UInt32(piece.count)
                let code = inflate(stream, Z_NO_FLUSH)
                let count = piece.count - Int(stream.pointee.avail_out)
                guard output.count + count <= maxBytes else { return .tooLarge }
                output.append(contentsOf: UnsafeBufferPointer(rebasing: piece[..<count]))
                if code == Z_STREAM_END {
                    isComplete = true
                    return stream.pointee.avail_in == 0 ? .ok : .corrupt
                }
                if code == Z_BUF_ERROR { return .ok }  // nothing left to do with what is here
                guard code == Z_OK else { return .corrupt }
            } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
            return .ok
        }
    }
}
