import Glibc

/// A local file read from its beginning to its end, in blocks.
package struct LocalFile: ~Copyable {
    /// The last part of the path: errors name the document, not the machine's folders.
    package let name: String
    private let descriptor: Int32
    private var ahead: [UInt8] = []

    /// Enough to make system calls a negligible cost.
    private static let block = 256 << 10

    /// Opens a path or a `file://` URL.
    package init(_ path: String) throws(PricingError) {
        let plain = path.hasPrefix("file://") ? String(path.dropFirst("file://".count)) : path
        name = String(plain.split(separator: "/").last ?? "(no name)")
        descriptor = Glibc.open(plain, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw PricingError(.unreadable, "cannot be opened: \(String(cString: strerror(errno)))", in: name)
        }
    }

    deinit { if descriptor >= 0 { _ = close(descriptor) } }

    /// The first bytes, which stay to be read.
    mutating func peek(_ count: Int) throws(PricingError) -> ArraySlice<UInt8> {
        while ahead.count < count {
            let more = try readBlock()
            if more.isEmpty { break }
            ahead += more
        }
        return ahead.prefix(count)
    }

    mutating func readChunks(_ visit: (UnsafeRawBufferPointer) throws(PricingError) -> Void) throws(PricingError) {
        var chunk = ahead
        ahead = []
        if chunk.isEmpty { chunk = try readBlock() }
        while !chunk.isEmpty {
            let outcome = chunk.withUnsafeBytes { bytes -> Result<Void, PricingError> in
                do throws(PricingError) { return .success(try visit(bytes)) } catch { return .failure(error) }
            }
            try outcome.get()
            chunk = try readBlock()
        }
    }

    /// - Throws: ``PricingError``, also when the file is larger than the limit.
    package mutating func readAll(upTo limit: Int) throws(PricingError) -> [UInt8] {
        var all: [UInt8] = []
        let name = name
        try readChunks { chunk throws(PricingError) in
            if all.count + chunk.count > limit { throw PricingError(.invalid, "larger than \(limit) bytes", in: name) }
            all.append(contentsOf: chunk)
        }
        return all
    }

    private func readBlock() throws(PricingError) -> [UInt8] {
        var failure: Int32 = 0
        let block = [UInt8](unsafeUninitializedCapacity: Self.block) { buffer, count in
            var got = 0
            repeat { got = read(descriptor, buffer.baseAddress, Self.block) } while got < 0 && errno == EINTR
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        if failure != 0 {
            throw PricingError(.unreadable, "cannot be read: \(String(cString: strerror(failure)))", in: name)
        }
        return block
    }
}
