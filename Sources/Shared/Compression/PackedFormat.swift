/// How a file is packed, told by its first bytes.
package enum PackedFormat: Sendable, CaseIterable {
    case zlib, gzip, bzip2, xz, lzma, lz4

    /// - Returns: nil for bytes that none of the formats begins with.
    package init?(firstBytes bytes: some Collection<UInt8>) {
        let head = Array(bytes.prefix(6))
        func begins(_ magic: [UInt8]) -> Bool { head.starts(with: magic) }
        if begins([0x1F, 0x8B]) {
            self = .gzip
        } else if begins([0x78, 0x01]) || begins([0x78, 0x5E]) || begins([0x78, 0x9C]) || begins([0x78, 0xDA]) {
            self = .zlib
        } else if begins(Array("BZh".utf8)) {
            self = .bzip2
        } else if begins([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if begins([0x5D, 0x00]) {
            self = .lzma
        } else if begins([0x04, 0x22, 0x4D, 0x18]) {
            self = .lz4
        } else {
            return nil
        }
    }
}
