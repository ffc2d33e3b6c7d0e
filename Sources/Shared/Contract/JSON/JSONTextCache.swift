/// Remembers texts seen lately, so that ten thousand pods share one copy of their image, node and namespace names.
///
/// Only texts that a Swift string cannot hold inline are worth it; beyond a hundred bytes they rarely repeat.
struct JSONTextCache {
    private struct Slot {
        var hash: UInt64 = 0
        var text = ""
    }

    static var shortest: Int { 16 }
    static var longest: Int { 128 }
    /// Smaller documents are not worth making a cache for.
    static var smallestDocument: Int { 64 << 10 }
    private static var size: Int { 4096 }  // 100 KB: stays in the second-level cache

    /// Made when it is first needed: most documents are small requests, and never need it.
    private var slots: [Slot] = []

    /// The text of those bytes, which are valid UTF-8.
    mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
        if slots.isEmpty { slots = [Slot](repeating: Slot(), count: Self.size) }
        let hash = Self.hash(bytes)
        let slot = Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & UInt64(Self.size - 1))
        if slots[slot].hash == hash, Self.isSame(&slots[slot].text, bytes) { return slots[slot].text }
        let text = String(decoding: bytes, as: UTF8.self)
        slots[slot] = Slot(hash: hash, text: text)
        return text
    }

    @inline(__always)
    private static func isSame(_ text: inout String, _ bytes: UnsafeRawBufferPointer) -> Bool {
        text.withUTF8 { $0.count == bytes.count && UnsafeRawBufferPointer($0).elementsEqual(bytes) }
    }

    /// Eight bytes at a time; only speed depends on its quality.
    @inline(__always)
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            index += 8
        }
        while index < bytes.count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
            index += 1
        }
        return hash
    }
}
