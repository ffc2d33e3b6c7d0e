/// A value of a booster's JSON or UBJSON document, and where it begins in the bytes.
struct BoosterElement {
    enum Kind {
        case null
        case bool(Bool)
        case number(Double)
        case text(String)
        /// An array of nothing but numbers.
        case numbers([Double])
        /// A typed array of UBJSON, left in the bytes.
        case packed(PackedNumbers)
        case array([BoosterElement])
        case object([Member])
    }

    struct Member {
        var name: String
        var value: BoosterElement
    }

    var kind: Kind
    var offset: Int

    var kindName: String {
        switch kind {
        case .null: "null"
        case .bool: "a truth value"
        case .number: "a number"
        case .text: "a text"
        case .numbers, .packed, .array: "an array"
        case .object: "an object"
        }
    }
}

/// Numbers of one type in a row, big-endian.
struct PackedNumbers {
    enum Form: UInt8 {
        case int8 = 0x69  // i
        case uint8 = 0x55  // U
        case int16 = 0x49  // I
        case int32 = 0x6C  // l
        case int64 = 0x4C  // L
        case float32 = 0x64  // d
        case float64 = 0x44  // D

        var size: Int {
            switch self {
            case .int8, .uint8: 1
            case .int16: 2
            case .int32, .float32: 4
            case .int64, .float64: 8
            }
        }
    }

    let form: Form
    let offset: Int
    let count: Int

    /// The number at `index` of bytes that begin with the whole document.
    @inline(__always)
    static func read(_ form: Form, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
        switch form {
        case .int8: Double(bytes.load(fromByteOffset: offset, as: Int8.self))
        case .uint8: Double(bytes.load(fromByteOffset: offset, as: UInt8.self))
        case .int16: Double(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self)))
        case .int32: Double(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        case .int64: Double(Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)))
        case .float32:
            Double(
                Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            )
        case .float64:
            Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }

    func numbers(in bytes: UnsafeRawBufferPointer) -> [Double] {
        let size = form.size
        return [Double](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0..<count {
                buffer.initializeElement(at: index, to: Self.read(form, bytes, at: offset + index * size))
            }
            filled = count
        }
    }
}
