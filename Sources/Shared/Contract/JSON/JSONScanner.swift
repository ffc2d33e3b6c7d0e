/// A fault as the inner loops report it: small, so that throwing costs nothing until the place is worked out.
struct JSONFault: Error {
    let reason: JSONParseError.Reason
    let offset: Int
}

/// The recursive reader behind ``JSONParser``; its depth is bounded by the limit on nesting.
struct JSONScanner: ~Copyable {
    private enum Step {
        /// Before the first member or element.
        case opening
        case index(Int)
        case key(start: Int, end: Int)
    }

    /// Objects beyond this size are checked for equal keys with a set instead of a scan: 24 comparisons of 64-bit
    /// hashes cost less than one insertion.
    private static var scannedKeys: Int { 24 }

    /// No list of objects in a request lies deeper: `cluster_state.pods.items`.
    static var deepestSinkList: Int { 3 }

    let bytes: UnsafeRawBufferPointer
    let maximumDepth: Int
    private let sink: (any JSONItemSink)?
    private var isFeedingSink = false
    var position = 0
    private var values = MoveStack<JSONValue>()
    private var members = MoveStack<JSONObject.Member>()
    private var hashes: [UInt64] = []
    private var steps: [Step] = []
    private var keys = JSONKeyCache()
    var texts = JSONTextCache()

    init(bytes: UnsafeRawBufferPointer, maximumDepth: Int, sink: (any JSONItemSink)? = nil) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.sink = sink
    }

    mutating func document() throws(JSONFault) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw JSONFault(reason: .empty, offset: position) }
        let value = try self.value()
        skipSpace()
        guard position == bytes.count else { throw JSONFault(reason: .trailingContent, offset: position) }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONFault) -> JSONValue {
        guard position < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: position) }
        switch bytes[position] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            throw JSONFault(reason: .notANumber, offset: position)
        default:
            throw JSONFault(reason: .unexpectedByte, offset: position)
        }
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try descend()
        let start = values.count
        skipSpace()
        if take(UInt8(ascii: "]")) {
            steps.removeLast()
            return .array([])
        }
        let feeds = sinkWantsItems()
        var index = 0
        while true {
            steps[steps.count - 1] = .index(index)
            let value = try self.value()
            values.push(feeds && sink?.take(value, at: index) == true ? .null : value)
            index += 1
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
                continue
            }
            try expect(UInt8(ascii: "]"))
            if feeds { isFeedingSink = false }
            steps.removeLast()
            return .array(values.popArray(from: start))
        }
    }

    /// Asks the sink about the list that has just begun.
    private mutating func sinkWantsItems() -> Bool {
        guard let sink, !isFeedingSink, steps.count - 1 <= Self.deepestSinkList else { return false }
        var path: [String] = []
        for step in steps.dropLast() {
            guard case .key(let start, let end) = step, start + 1 < end else { return false }
            path.append(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start + 1..<end - 1]), as: UTF8.self))
        }
        isFeedingSink = sink.wantsItems(below: path)
        return isFeedingSink
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try descend()
        let start = members.count
        let firstHash = hashes.count
        var seen: Set<JSONKey> = []
        skipSpace()
        if take(UInt8(ascii: "}")) {
            steps.removeLast()
            return .object(JSONObject())
        }
        while true {
            let keyStart = position
            let key = try self.key()
            let isNew =
                members.count - start < Self.scannedKeys
                ? isUnseen(key, since: firstHash, members: start)
                : isUnseen(key, in: &seen, members: start)
            guard isNew else { throw JSONFault(reason: .duplicateKey, offset: keyStart) }
            steps[steps.count - 1] = .key(start: keyStart, end: position)
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.push(JSONObject.Member(key: key.text, value: try value()))
            skipSpace()
            if take(UInt8(ascii: ",")) {
                skipSpace()
                continue
            }
            try expect(UInt8(ascii: "}"))
            steps.removeLast()
            hashes.removeSubrange(firstHash...)
            return .object(JSONObject(distinct: members.popArray(from: start)))
        }
    }

    // MARK: Keys

    private mutating func key() throws(JSONFault) -> JSONKey {
        let start = position
        guard start < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: start) }
        guard bytes[start] == UInt8(ascii: "\"") else { throw JSONFault(reason: .unexpectedByte, offset: start) }
        let run = plainRun(from: start + 1)
        if run.isASCII, run.end < bytes.count, bytes[run.end] == UInt8(ascii: "\"") {
            position = run.end + 1
            return keys.key(bytes, start: start + 1, end: run.end)
        }
        return JSONKey(try string())
    }

    private mutating func isUnseen(_ key: JSONKey, since firstHash: Int, members start: Int) -> Bool {
        for index in firstHash..<hashes.count where hashes[index] == key.hash {
            let earlier = members.peek(start + index - firstHash).key
            if earlier.utf8.elementsEqual(key.text.utf8) { return false }
        }
        hashes.append(key.hash)
        return true
    }

    private func isUnseen(_ key: JSONKey, in seen: inout Set<JSONKey>, members start: Int) -> Bool {
        if seen.isEmpty {
            for index in start..<members.count { seen.insert(JSONKey(members.peek(index).key)) }
        }
        return seen.insert(key).inserted
    }

    // MARK: Small steps

    private mutating func descend() throws(JSONFault) {
        guard steps.count < maximumDepth else { throw JSONFault(reason: .tooDeep, offset: position) }
        steps.append(.opening)
        position += 1
    }

    private mutating func literal(_ word: StaticString) throws(JSONFault) {
        let length = word.utf8CodeUnitCount
        for index in 0..<length {
            guard position + index < bytes.count else {
                throw JSONFault(reason: .unexpectedEnd, offset: bytes.count)
            }
            guard bytes[position + index] == word.utf8Start[index] else {
                throw JSONFault(reason: .unexpectedByte, offset: position + index)
            }
        }
        position += length
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    @inline(__always)
    private mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard position < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: position) }
        guard bytes[position] == byte else { throw JSONFault(reason: .unexpectedByte, offset: position) }
        position += 1
    }

    // MARK: The place of a fault

    /// Works out line, column and path; runs once, after the fact.
    func error(_ fault: JSONFault) -> JSONParseError {
        let offset = min(fault.offset, bytes.count)
        var line = 1
        var lineStart = 0
        for index in 0..<offset where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        var path = ""
        for step in steps {
            switch step {
            case .opening: break
            case .index(let index): path += "[\(index)]"
            case .key(let start, let end):
                let raw = bytes[min(start + 1, end)..<max(min(start + 1, end), end - 1)]
                let text = String(decoding: UnsafeRawBufferPointer(rebasing: raw.prefix(64)), as: UTF8.self)
                path += path.isEmpty ? text : "." + text
            }
        }
        return JSONParseError(
            reason: fault.reason,
            offset: offset,
            line: line,
            column: offset - lineStart + 1,
            path: path.count > 512 ? String(path.prefix(512)) + "…" : path
        )
    }
}
