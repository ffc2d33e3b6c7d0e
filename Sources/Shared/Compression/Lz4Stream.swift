import CLz4

/// lz4's frame format.
final class Lz4Stream: UnpackingStream {
    private let context: OpaquePointer

    init() throws(CompressionError) {
        var context: OpaquePointer?
        let code = LZ4F_createDecompressionContext(&context, clz4_version())
        guard LZ4F_isError(code) == 0, let context else { throw .outOfMemory }
        self.context = context
    }

    deinit { LZ4F_freeDecompressionContext(context) }

    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep {
        var read = input.count
        var written = output.count
        let hint = LZ4F_decompress(context, output.baseAddress, &written, input.baseAddress, &read, nil)
        if LZ4F_isError(hint) != 0 { return UnpackingStep(read: 0, written: 0, state: .corrupt) }
        // 0: the frame is complete.
        return UnpackingStep(read: read, written: written, state: hint == 0 ? .done : .more)
    }
}
