/// Reads universal binary JSON as XGBoost writes it, draft 12 with big-endian numbers.
///
/// No recursion; a length is compared with the bytes that are left before anything of that length is taken.
struct UBJSONReader {
    private let bytes: UnsafeRawBufferPointer
    private let limits: BoosterLimits
    private var assembly: BoosterAssembly
    private var position = 0
    /// What is left of the open containers with a count; nil for those that end with a mark.
    private var remaining: [Int?] = []

    init(_ bytes: UnsafeRawBufferPointer, _ limits: BoosterLimits) {
        self.bytes = bytes
        self.limits = limits
        assembly = BoosterAssembly(limits)
    }

    mutating func read() throws(ModelRejection) -> BoosterElement {
        try readValue()
        while assembly.depth > 0 { try readNext() }
        guard position == bytes.count else {
            throw fault("\(bytes.count - position) bytes follow the end of the document")
        }
        guard let root = assembly.root else { throw fault("the document has no value") }
        return root
    }

    /// The next member or element of the innermost container, or its end.
    private mutating func readNext() throws(ModelRejection) {
        let isObject = assembly.isInObject
        if let left = remaining[remaining.count - 1] {
            if left == 0 { return try close() }
            remaining[remaining.count - 1] = left - 1
        } else if try peek() == UInt8(ascii: isObject ? "}" : "]") {
            position += 1
            return try close()
        }
        if isObject {
            let start = position
            let name = try readText()
            try assembly.name(name, at: start)
        }
        try readValue()
    }

    private mutating func close() throws(ModelRejection) {
        remaining.removeLast()
        try assembly.end()
    }

    private mutating func readValue() throws(ModelRejection) {
        let start = position
        var mark = try takeByte()
        // No-op marks may stand before a value.
        while mark == UInt8(ascii: "N") { mark = try takeByte() }
        switch mark {
        case UInt8(ascii: "{"): try openObject(start)
        case UInt8(ascii: "["): try openArray(start)
        case UInt8(ascii: "S"): try assembly.add(.text(try readText()), at: start)
        case UInt8(ascii: "C"): try assembly.add(.text(String(UnicodeScalar(try takeByte() & 0x7F))), at: start)
        case UInt8(ascii: "Z"): try assembly.add(.null, at: start)
        case UInt8(ascii: "T"): try assembly.add(.bool(true), at: start)
        case UInt8(ascii: "F"): try assembly.add(.bool(false), at: start)
        default:
            guard let form = PackedNumbers.Form(rawValue: mark) else { throw unknown(mark, "value", start) }
            try assembly.number(try takeNumber(form), at: start)
        }
    }

    private mutating func openObject(_ start: Int) throws(ModelRejection) {
        let next = try peek()
        if next == UInt8(ascii: "$") {
            throw ModelRejection(.unsupported, "a UBJSON object with one type for all values is not read", at: start)
        }
        var count: Int?
        if next == UInt8(ascii: "#") {
            position += 1
            // A member takes a length of two bytes and a value of one.
            count = try takeCount(bytesEach: 3)
        }
        try assembly.begin(object: true, at: start)
        remaining.append(count)
    }

    private mutating func openArray(_ start: Int) throws(ModelRejection) {
        let next = try peek()
        if next == UInt8(ascii: "$") {
            position += 1
            return try readPacked(start)
        }
        var count: Int?
        if next == UInt8(ascii: "#") {
            position += 1
            count = try takeCount(bytesEach: 1)
        }
        try assembly.begin(object: false, at: start)
        remaining.append(count)
    }

    private mutating func readPacked(_ start: Int) throws(ModelRejection) {
        let mark = try takeByte()
        guard let form = PackedNumbers.Form(rawValue: mark) else { throw unknown(mark, "typed array", start) }
        guard try takeByte() == UInt8(ascii: "#") else {
            throw ModelRejection(.malformed, "a typed array has no count", at: start)
        }
        let count = try takeCount(bytesEach: form.size)
        try assembly.add(.packed(PackedNumbers(form: form, offset: position, count: count)), at: start)
        position += count * form.size
    }

    /// A count of things that need so many bytes at least, all of which must be there.
    private mutating func takeCount(bytesEach: Int) throws(ModelRejection) -> Int {
        let start = position
        let count = try takeLength()
        guard count <= (bytes.count - position) / bytesEach else {
            throw ModelRejection(.malformed, "\(count) values are announced and not there", at: start)
        }
        return count
    }

    private mutating func takeLength() throws(ModelRejection) -> Int {
        let start = position
        let mark = try takeByte()
        guard let form = PackedNumbers.Form(rawValue: mark), form != .float32, form != .float64 else {
            throw unknown(mark, "length", start)
        }
        let value: Int
        if form == .int64 {
            try need(8)
            value = Int(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)))
            position += 8
        } else {
            value = Int(try takeNumber(form))
        }
        guard value >= 0 else { throw ModelRejection(.malformed, "a length of \(value)", at: start) }
        return value
    }

    private mutating func takeNumber(_ form: PackedNumbers.Form) throws(ModelRejection) -> Double {
        try need(form.size)
        defer { position += form.size }
        return PackedNumbers.read(form, bytes, at: position)
    }

    private mutating func readText() throws(ModelRejection) -> String {
        let start = position
        let length = try takeLength()
        guard length <= limits.text else {
            throw ModelRejection(.limit, "a text of more than \(limits.text) bytes", at: start)
        }
        try need(length)
        guard let text = String(validating: bytes[position..<position + length], as: UTF8.self) else {
            throw ModelRejection(.malformed, "a text is not UTF-8", at: start)
        }
        position += length
        return text
    }

    private func peek() throws(ModelRejection) -> UInt8 {
        try need(1)
        return bytes[position]
    }

    private mutating func takeByte() throws(ModelRejection) -> UInt8 {
        let byte = try peek()
        position += 1
        return byte
    }

    private func need(_ count: Int) throws(ModelRejection) {
        guard count <= bytes.count - position else { throw fault("the bytes end early") }
    }

    private func unknown(_ mark: UInt8, _ what: String, _ offset: Int) -> ModelRejection {
        ModelRejection(.malformed, "the byte \(mark) is no type of a \(what)", at: offset)
    }

    private func fault(_ message: String) -> ModelRejection { ModelRejection(.malformed, message, at: position) }
}
