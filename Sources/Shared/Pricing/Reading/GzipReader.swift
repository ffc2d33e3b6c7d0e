import CZlib

/// Unpacks gzip from chunks of any size; memory holds one output block.
struct GzipReader: ~Copyable {
    /// Fits a level-2 cache; more brought nothing in zlib's own measurements.
    private static let block = 64 << 10

    private let document: String
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: block, alignment: 16)
    private var atMemberStart = true

    init(document: String) throws(PricingError) {
        self.document = document
        stream.initialize(to: z_stream())
        // 15 bits of window, plus 16 for a gzip header.
        guard czlib_inflate_init(stream, 15 + 16) == Z_OK else {
            throw PricingError(.unreadable, "zlib could not be set up (out of memory?)", in: document)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }

    /// Takes packed bytes and visits what they unpack to; several members in a row count as one text.
    mutating func feed(
        _ chunk: UnsafeRawBufferPointer,
        visit: (UnsafeRawBufferPointer) throws(PricingError) -> Void
    ) throws(PricingError) {
        guard let base = chunk.baseAddress, !chunk.isEmpty else { return }
        // zlib reads its input only; its C signature says otherwise for historical reasons.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(chunk.count)
        repeat {
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(output.count)
            if stream.pointee.avail_in > 0 { atMemberStart = false }
            let code = inflate(stream, Z_NO_FLUSH)
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 { try visit(UnsafeRawBufferPointer(rebasing: output[..<made])) }
            switch code {
            case Z_STREAM_END:
                inflateReset(stream)
                atMemberStart = true
            case Z_OK: break
            case Z_BUF_ERROR: return  // nothing more to do with these bytes
            default: throw PricingError(.malformed, "damaged gzip data", in: document)
            }
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    }

    /// - Throws: ``PricingError`` when the packed data ended early.
    consuming func finish() throws(PricingError) {
        if !atMemberStart { throw PricingError(.malformed, "the gzip data end too early", in: document) }
    }
}
