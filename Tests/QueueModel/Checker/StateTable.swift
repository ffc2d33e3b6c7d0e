/// The states seen so far, by fingerprint: open addressing over plain arrays, which a debug build can afford.
struct StateTable {
    /// 0 is an empty place; no fingerprint is 0 but with a chance of one in 2⁶⁴.
    private var keys: [UInt64]
    private var indices: [Int32]
    private var mask: Int
    private(set) var count = 0

    init() {
        keys = Array(repeating: 0, count: 1 << 16)
        indices = Array(repeating: 0, count: 1 << 16)
        mask = keys.count - 1
    }

    /// The state's index, and whether it is new; new ones are numbered in order.
    mutating func insert(_ key: UInt64) -> (index: Int, isNew: Bool) {
        if count * 2 > keys.count { grow() }
        let place = find(key)
        if keys[place] == key { return (Int(indices[place]), false) }
        keys[place] = key
        indices[place] = Int32(count)
        count += 1
        return (count - 1, true)
    }

    private func find(_ key: UInt64) -> Int {
        var place = Int(truncatingIfNeeded: key) & mask
        while keys[place] != 0, keys[place] != key { place = (place + 1) & mask }
        return place
    }

    private mutating func grow() {
        let (oldKeys, oldIndices) = (keys, indices)
        keys = Array(repeating: 0, count: oldKeys.count * 2)
        indices = Array(repeating: 0, count: oldKeys.count * 2)
        mask = keys.count - 1
        for old in 0..<oldKeys.count where oldKeys[old] != 0 {
            let place = find(oldKeys[old])
            keys[place] = oldKeys[old]
            indices[place] = oldIndices[old]
        }
    }
}
