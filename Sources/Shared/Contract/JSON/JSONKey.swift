/// A key of an object with the hash of its bytes.
///
/// Equality is by bytes: JSON keys that merely look alike after Unicode normalisation are different keys.
struct JSONKey: Hashable {
    let text: String
    let hash: UInt64

    init(text: String, hash: UInt64) {
        self.text = text
        self.hash = hash
    }

    init(_ text: String) {
        var text = text
        self.hash = text.withUTF8 { Self.hash(of: UnsafeRawBufferPointer($0)) }
        self.text = text
    }

    static func == (left: JSONKey, right: JSONKey) -> Bool {
        left.hash == right.hash && left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Feeds the bytes, not the cheap hash: the set then uses Swift's seeded hash, which a hostile caller cannot aim at.
    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// FNV-1a: short, and good enough to make comparing bytes rare.
    @inline(__always)
    static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}

/// Remembers the keys seen lately, so that a thousand pods do not allocate the same names a thousand times.
struct JSONKeyCache {
    private struct Slot {
        var start = 0
        var length = -1
        var key = JSONKey(text: "", hash: 0)
    }

    private static var size: Int { 256 }  // a pod list has about 150 distinct keys
    private var slots = [Slot](repeating: Slot(), count: JSONKeyCache.size)

    /// The key written in those bytes, which hold ASCII without escapes.
    mutating func key(_ bytes: UnsafeRawBufferPointer, start: Int, end: Int) -> JSONKey {
        let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        let hash = JSONKey.hash(of: raw)
        let slot = Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & UInt64(Self.size - 1))
        let length = end - start
        if slots[slot].length == length, slots[slot].key.hash == hash {
            let earlier = UnsafeRawBufferPointer(rebasing: bytes[slots[slot].start..<slots[slot].start + length])
            if earlier.elementsEqual(raw) { return slots[slot].key }
        }
        let key = JSONKey(text: String(decoding: raw, as: UTF8.self), hash: hash)
        slots[slot] = Slot(start: start, length: length, key: key)
        return key
    }
}
