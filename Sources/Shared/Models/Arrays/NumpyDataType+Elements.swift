/// Single elements; the caller has checked that they lie in the bytes.
extension NumpyDataType {
    /// The raw bits of a number of 1, 2, 4 or 8 bytes, zero-extended.
    @inline(__always)
    private func bits(in bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        switch size {
        case 1: return UInt64(bytes[offset])
        case 2:
            let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
            return UInt64(isBigEndian ? raw.byteSwapped : raw)
        case 4:
            let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            return UInt64(isBigEndian ? raw.byteSwapped : raw)
        default:
            let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            return isBigEndian ? raw.byteSwapped : raw
        }
    }

    /// The number as a double; large 64-bit integers lose their last digits, as they do in numpy.
    func double(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
        let bits = bits(in: bytes, at: offset)
        switch kind {
        case .float:
            return size == 8 ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .signed, .time: return Double(signed(bits))
        case .bool: return bits == 0 ? 0 : 1
        default: return Double(bits)
        }
    }

    /// The number as an integer.
    ///
    /// - Returns: nil for floats, and beyond 63 bits.
    func integer(in bytes: UnsafeRawBufferPointer, at offset: Int) -> Int64? {
        let bits = bits(in: bytes, at: offset)
        switch kind {
        case .signed, .time: return signed(bits)
        case .unsigned: return Int64(exactly: bits)
        case .bool: return bits == 0 ? 0 : 1
        default: return nil
        }
    }

    private func signed(_ bits: UInt64) -> Int64 {
        switch size {
        case 1: Int64(Int8(truncatingIfNeeded: bits))
        case 2: Int64(Int16(truncatingIfNeeded: bits))
        case 4: Int64(Int32(truncatingIfNeeded: bits))
        default: Int64(bitPattern: bits)
        }
    }

    /// A text of fixed width without its padding.
    ///
    /// - Returns: nil for a code point that does not exist.
    func text(_ element: ArraySlice<UInt8>) -> String? {
        if kind == .bytes {
            let trimmed = element.reversed().drop { $0 == 0 }.reversed()
            return String(validating: Array(trimmed), as: UTF8.self)
        }
        var scalars = String.UnicodeScalarView()
        var pending = 0  // zeros that are padding if nothing follows them
        return element.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count, by: 4) {
                let raw = bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                let code = isBigEndian ? raw.byteSwapped : raw
                if code == 0 {
                    pending += 1
                    continue
                }
                guard let scalar = Unicode.Scalar(code) else { return nil }
                for _ in 0..<pending { scalars.append("\0") }
                pending = 0
                scalars.append(scalar)
            }
            return String(scalars)
        }
    }
}
