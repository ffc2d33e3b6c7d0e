/// Everything a pickle describes, as flat arenas; nothing in it can run, and releasing it never recurses.
package struct PickleGraph: Sendable {
    /// The file, unpacked.
    package let input: [UInt8]
    /// Bytes that are not literally in the file.
    var made: [UInt8] = []
    var nodes: [PickleValue] = []
    /// How deep each node's containers go; counted as they are filled.
    var depths: [UInt16] = []
    /// How many values a walk from each node would meet, each as often as it is referred to.
    var weights: [Float] = []
    var lists: [[Int32]] = []
    var tupleItems: [Int32] = []
    var objects: [PickleObject] = []
    var arrays: [NumpyArray] = []
    var dataTypes: [NumpyDataType] = []
    package internal(set) var root: Int32 = -1
    /// Nodes, list items and array headers so far.
    var spent = 0

    package init(input: [UInt8]) {
        self.input = input
    }

    func value(_ node: Int32) -> PickleValue { nodes[Int(node)] }

    func bytes(_ range: ByteRange) -> ArraySlice<UInt8> {
        if range.start >= 0 { return input[Int(range.start)..<Int(range.start) + Int(range.count)] }
        return made[Int(~range.start)..<Int(~range.start) + Int(range.count)]
    }

    /// The text of a range that the machine has found to be UTF-8.
    func text(_ range: ByteRange) -> String { String(decoding: bytes(range), as: UTF8.self) }

    /// Whether a node is the text `name`.
    func isText(_ node: Int32, _ name: StaticString) -> Bool {
        guard case .text(let range) = value(node), Int(range.count) == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { bytes(range).elementsEqual($0) }
    }

    func text(of node: Int32) -> String? {
        guard case .text(let range) = value(node) else { return nil }
        return text(range)
    }

    func tuple(_ node: Int32) -> ArraySlice<Int32>? {
        guard case .tuple(let start, let count) = value(node) else { return nil }
        return tupleItems[Int(start)..<Int(start) + Int(count)]
    }

    /// The items of a list or a tuple.
    func sequence(_ node: Int32) -> ArraySlice<Int32>? {
        switch value(node) {
        case .list(let index): lists[Int(index)][...]
        case .tuple: tuple(node)
        default: nil
        }
    }

    func object(_ node: Int32) -> PickleObject? {
        guard case .object(let index) = value(node) else { return nil }
        return objects[Int(index)]
    }

    /// Keys and values by turns, of a dictionary or of an object whose class is one.
    func pairs(_ node: Int32) -> [Int32]? {
        switch value(node) {
        case .dict(let index): return lists[Int(index)]
        case .object(let index):
            let object = objects[Int(index)]
            guard AllowedGlobal.all[Int(object.global)].role == .mapping else { return nil }
            return object.items < 0 ? [] : lists[Int(object.items)]
        default: return nil
        }
    }

    /// The last value under a key: what Python's dictionary would hold.
    func lookUp(_ key: StaticString, in pairs: [Int32]) -> Int32? {
        var index = pairs.count - 2
        while index >= 0 {
            if isText(pairs[index], key) { return pairs[index + 1] }
            index -= 2
        }
        return nil
    }
}
