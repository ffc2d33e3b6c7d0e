/// Lines of the form `name=value` in bytes, one after the other.
struct TextLines {
    /// A part of the bytes.
    struct Field {
        let start: Int
        let end: Int

        var isEmpty: Bool { start == end }
    }

    struct Line {
        let name: Field
        /// Nil for a line without an equals sign.
        let value: Field?
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> Line? {
        guard position < bytes.count else { return nil }
        let start = position
        var end = start
        var equals: Int?
        while end < bytes.count, bytes[end] != 0x0A {
            if bytes[end] == UInt8(ascii: "="), equals == nil { equals = end }
            end += 1
        }
        position = min(bytes.count, end + 1)
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        guard let equals, equals < end else { return Line(name: Field(start: start, end: end), value: nil) }
        return Line(name: Field(start: start, end: equals), value: Field(start: equals + 1, end: end))
    }

    func text(_ field: Field) -> String { String(decoding: bytes[field.start..<field.end], as: UTF8.self) }

    func equals(_ field: Field, _ text: StaticString) -> Bool {
        field.end - field.start == text.utf8CodeUnitCount
            && text.withUTF8Buffer { bytes[field.start..<field.end].elementsEqual($0) }
    }

    /// Numbers with spaces between them.
    ///
    /// - Throws: `malformed` for what is no number, `limit` for more than `most`.
    func numbers(_ field: Field, most: Int) throws(ModelRejection) -> [Double] {
        var numbers: [Double] = []
        // Each number takes a digit and a space.
        numbers.reserveCapacity(min(most, (field.end - field.start) / 2 + 1))
        var position = field.start
        while true {
            while position < field.end, bytes[position] == 0x20 { position += 1 }
            if position == field.end { return numbers }
            let part = UnsafeRawBufferPointer(rebasing: bytes[..<field.end])
            guard let (value, end) = DecimalNumber.read(part, from: position, forFloats: false),
                end == field.end || bytes[end] == 0x20
            else { throw ModelRejection(.malformed, "LightGBM: a number is expected here", at: position) }
            guard numbers.count < most else {
                throw ModelRejection(.invalidModel, "LightGBM: more than \(most) numbers", at: field.start)
            }
            numbers.append(value)
            position = end
        }
    }

    /// Whole numbers of 32 bits with spaces between them.
    ///
    /// - Throws: `malformed` for what is none, `invalidModel` for more than `most`.
    func integers(_ field: Field, most: Int) throws(ModelRejection) -> [Int32] {
        let numbers = try numbers(field, most: most)
        var integers: [Int32] = []
        integers.reserveCapacity(numbers.count)
        for number in numbers {
            guard let integer = Int32(exactly: number) else {
                throw ModelRejection(.malformed, "LightGBM: \(number) is no whole number of 32 bits", at: field.start)
            }
            integers.append(integer)
        }
        return integers
    }

    /// One whole number.
    ///
    /// - Throws: `malformed` for anything else.
    func integer(_ field: Field) throws(ModelRejection) -> Int {
        guard let number = try numbers(field, most: 1).first, let integer = Int32(exactly: number) else {
            throw ModelRejection(.malformed, "LightGBM: a whole number is expected here", at: field.start)
        }
        return Int(integer)
    }
}
