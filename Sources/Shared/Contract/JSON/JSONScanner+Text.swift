/// Strings: plain runs are taken whole, escapes are decoded into a buffer.
extension JSONScanner {
    private static var everyHighBit: UInt64 { 0x8080_8080_8080_8080 }
    private static var everyLowBit: UInt64 { 0x0101_0101_0101_0101 }

    /// Finds the end of the bytes that need no attention: the first quote, backslash or control character.
    ///
    /// Eight bytes at a time with the classic carry-free zero-byte test.
    @inline(__always)
    func plainRun(from start: Int) -> (end: Int, isASCII: Bool) {
        var index = start
        var high: UInt64 = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (Self.everyLowBit &* 0x22)
            let slash = word ^ (Self.everyLowBit &* 0x5C)
            let stop =
                ((quote &- Self.everyLowBit) & ~quote) | ((slash &- Self.everyLowBit) & ~slash)
                | ((word &- Self.everyLowBit &* 0x20) & ~word)
            if stop & Self.everyHighBit != 0 { break }
            high |= word
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            high |= UInt64(byte)
            index += 1
        }
        return (index, high & Self.everyHighBit == 0)
    }

    /// Reads a string; the position is on its opening quote.
    mutating func string() throws(JSONFault) -> String {
        let start = position + 1
        let run = plainRun(from: start)
        guard run.end < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: bytes.count) }
        if bytes[run.end] == UInt8(ascii: "\"") {
            position = run.end + 1
            return try text(start, run.end, isASCII: run.isASCII)
        }
        return try escapedString(start: start, firstStop: run.end, isASCII: run.isASCII)
    }

    private mutating func text(_ start: Int, _ end: Int, isASCII: Bool) throws(JSONFault) -> String {
        let raw = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        if !isASCII, let fault = UTF8Check.firstFault(in: raw) {
            throw JSONFault(reason: .invalidUTF8, offset: start + fault)
        }
        if bytes.count >= JSONTextCache.smallestDocument, raw.count >= JSONTextCache.shortest,
            raw.count <= JSONTextCache.longest
        {
            return texts.text(raw)
        }
        return String(decoding: raw, as: UTF8.self)
    }

    private mutating func escapedString(start: Int, firstStop: Int, isASCII: Bool) throws(JSONFault) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity((firstStop - start) * 2 + 16)
        var runStart = start
        var stop = firstStop
        var ascii = isASCII
        while true {
            guard stop < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: bytes.count) }
            let run = UnsafeRawBufferPointer(rebasing: bytes[runStart..<stop])
            if !ascii, let fault = UTF8Check.firstFault(in: run) {
                throw JSONFault(reason: .invalidUTF8, offset: runStart + fault)
            }
            decoded.append(contentsOf: run)
            switch bytes[stop] {
            case UInt8(ascii: "\""):
                position = stop + 1
                return String(decoding: decoded, as: UTF8.self)
            case UInt8(ascii: "\\"):
                runStart = try escape(at: stop, into: &decoded)
            default:
                throw JSONFault(reason: .controlCharacter, offset: stop)
            }
            (stop, ascii) = plainRun(from: runStart)
        }
    }

    /// Decodes one escape sequence and returns where the text goes on.
    private func escape(at slash: Int, into decoded: inout [UInt8]) throws(JSONFault) -> Int {
        guard slash + 1 < bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: bytes.count) }
        switch bytes[slash + 1] {
        case UInt8(ascii: "\""): decoded.append(0x22)
        case UInt8(ascii: "\\"): decoded.append(0x5C)
        case UInt8(ascii: "/"): decoded.append(0x2F)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): return try unicodeEscape(at: slash, into: &decoded)
        default: throw JSONFault(reason: .malformedEscape, offset: slash)
        }
        return slash + 2
    }

    private func unicodeEscape(at slash: Int, into decoded: inout [UInt8]) throws(JSONFault) -> Int {
        var scalar = try fourDigits(at: slash)
        var next = slash + 6
        if (0xDC00...0xDFFF).contains(scalar) { throw JSONFault(reason: .loneSurrogate, offset: slash) }
        if (0xD800...0xDBFF).contains(scalar) {
            guard next + 1 < bytes.count, bytes[next] == UInt8(ascii: "\\"), bytes[next + 1] == UInt8(ascii: "u") else {
                throw JSONFault(reason: .loneSurrogate, offset: slash)
            }
            let low = try fourDigits(at: next)
            guard (0xDC00...0xDFFF).contains(low) else { throw JSONFault(reason: .loneSurrogate, offset: slash) }
            scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        guard let unicode = Unicode.Scalar(scalar) else { throw JSONFault(reason: .malformedEscape, offset: slash) }
        decoded.append(contentsOf: UTF8.encode(unicode).map { Array($0) } ?? [])
        return next
    }

    private func fourDigits(at slash: Int) throws(JSONFault) -> UInt32 {
        guard slash + 6 <= bytes.count else { throw JSONFault(reason: .unexpectedEnd, offset: bytes.count) }
        var value: UInt32 = 0
        for index in slash + 2..<slash + 6 {
            let digit: UInt8
            switch bytes[index] {
            case let byte where byte >= 0x30 && byte <= 0x39: digit = byte - 0x30
            case let byte where byte >= 0x41 && byte <= 0x46: digit = byte - 0x41 + 10
            case let byte where byte >= 0x61 && byte <= 0x66: digit = byte - 0x61 + 10
            default: throw JSONFault(reason: .malformedEscape, offset: slash)
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
