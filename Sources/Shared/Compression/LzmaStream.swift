import CLzma

/// The formats of xz and of the older lzma program.
final class LzmaStream: UnpackingStream {
    /// The strongest preset needs 65 MiB; more is a header that asks for memory only.
    private static let maxMemory: UInt64 = 96 << 20
    /// liblzma keeps a pointer to it, so it must not move.
    private let stream: UnsafeMutablePointer<lzma_stream>

    init(legacy: Bool) throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: clzma_stream_init())
        let code =
            legacy ? lzma_alone_decoder(stream, Self.maxMemory) : lzma_stream_decoder(stream, Self.maxMemory, 0)
        guard code == LZMA_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = output.count
        let code = lzma_code(stream, LZMA_RUN)
        let state: UnpackingStep.State =
            switch code {
            case LZMA_OK, LZMA_BUF_ERROR: .more
            case LZMA_STREAM_END: .done
            case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR: .outOfMemory
            default: .corrupt
            }
        return UnpackingStep(
            read: input.count - stream.pointee.avail_in,
            written: output.count - stream.pointee.avail_out,
            state: state
        )
    }
}
