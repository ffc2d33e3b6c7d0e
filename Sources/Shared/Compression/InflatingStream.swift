import CZlib

/// zlib's and gzip's format.
final class InflatingStream: UnpackingStream {
    /// zlib keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; +32: recognise gzip and zlib by their headers.
        guard czlib_inflate_init(stream, 15 + 32) == Z_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
        let count = min(input.count, Int(UInt32.max))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let code = inflate(stream, Z_NO_FLUSH)
        let state: UnpackingStep.State =
            switch code {
            case Z_OK, Z_BUF_ERROR: .more
            case Z_STREAM_END: .done
            case Z_MEM_ERROR: .outOfMemory
            default: .corrupt
            }
        return UnpackingStep(
            read: count - Int(stream.pointee.avail_in),
            written: output.count - Int(stream.pointee.avail_out),
            state: state
        )
    }
}
