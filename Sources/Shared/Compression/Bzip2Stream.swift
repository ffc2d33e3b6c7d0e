import CBzip2

/// bzip2's format.
final class Bzip2Stream: UnpackingStream {
    /// libbz2 keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<bz_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
        let count = min(input.count, Int(UInt32.max))
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        stream.pointee.avail_in = UInt32(count)
        stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let code = BZ2_bzDecompress(stream)
        let state: UnpackingStep.State =
            switch code {
            case BZ_OK: .more
            case BZ_STREAM_END: .done
            case BZ_MEM_ERROR: .outOfMemory
            default: .corrupt
            }
        return UnpackingStep(
            read: count - Int(stream.pointee.avail_in),
            written: output.count - Int(stream.pointee.avail_out),
            state: state
        )
    }
}
