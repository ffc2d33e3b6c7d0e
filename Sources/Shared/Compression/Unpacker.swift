/// Unpacks a whole buffer of any of the formats, and stops at a limit before memory is taken for more.
package enum Unpacker {
    /// - Parameters:
    ///   - packed: One stream; whatever follows it makes it corrupt.
    ///   - format: What the stream is, by its first bytes.
    ///   - maxBytes: How much may come out.
    ///   - mayContinue: Asked for every piece; false ends the work as if the limit were reached.
    /// - Returns: what was packed.
    /// - Throws: ``CompressionError``, also for a stream that breaks off.
    package static func unpack(
        _ packed: [UInt8],
        _ format: PackedFormat,
        maxBytes: Int,
        mayContinue: () -> Bool = { true }
    ) throws(CompressionError) -> [UInt8] {
        switch format {
        case .zlib, .gzip: try run(try InflatingStream(), packed, maxBytes, mayContinue)
        case .bzip2: try run(try Bzip2Stream(), packed, maxBytes, mayContinue)
        case .xz: try run(try LzmaStream(legacy: false), packed, maxBytes, mayContinue)
        case .lzma: try run(try LzmaStream(legacy: true), packed, maxBytes, mayContinue)
        case .lz4: try run(try Lz4Stream(), packed, maxBytes, mayContinue)
        }
    }

    private static func run(
        _ stream: some UnpackingStream,
        _ packed: [UInt8],
        _ maxBytes: Int,
        _ mayContinue: () -> Bool
    ) throws(CompressionError) -> [UInt8] {
        var output: [UInt8] = []
        var failure: CompressionError?
        packed.withUnsafeBytes { input in
            withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { piece in
                var rest = input[...]
                while failure == nil {
                    let step = stream.step(UnsafeRawBufferPointer(rebasing: rest), into: piece)
                    rest = rest.dropFirst(step.read)
                    if output.count + step.written > maxBytes || !mayContinue() {
                        failure = .tooLarge
                        return
                    }
                    output.append(contentsOf: piece[..<step.written])
                    switch step.state {
                    case .done:
                        if !rest.isEmpty { failure = .corrupt }
                        return
                    case .corrupt: failure = .corrupt
                    case .outOfMemory: failure = .outOfMemory
                    // No progress with everything given: the stream breaks off.
                    case .more where step.read == 0 && step.written == 0: failure = .corrupt
                    case .more: break
                    }
                }
            }
        }
        if let failure { throw failure }
        return output
    }
}

/// What one call of a C library did.
struct UnpackingStep {
    enum State {
        case more, done, corrupt, outOfMemory
    }

    let read: Int
    let written: Int
    let state: State
}

/// One C library's decoder in progress.
protocol UnpackingStream {
    /// Reads from `input` and writes to `output` as much as either allows.
    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> UnpackingStep
}
