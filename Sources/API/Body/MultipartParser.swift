import Contract

/// Splits a `multipart/form-data` body (RFC 7578) into its parts while it arrives, in pieces of any size.
///
/// Holds no more than one header block and the length of a delimiter: what the parts are worth keeping is the caller's
/// business. Strict: whatever is not form-data is refused, since a misread upload is worse than none.
struct MultipartParser {
    enum Event: Equatable {
        case part(MultipartPart)
        /// Content of the part that began last.
        case bytes([UInt8])
        case endOfPart
    }

    /// Four header lines are usual; this is room for long file names.
    static let maximumHeaderBytes = 8 << 10
    /// Text around the parts means nothing; no client of ours writes any.
    private static let maximumPadding = 1 << 10

    private enum State {
        case preamble, afterDelimiter, headers, body, epilogue
    }

    private let delimiter: [UInt8]
    /// Begins with a line break, so that the first delimiter looks like all others.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var state = State.preamble
    private var padding = 0

    init(boundary: String) {
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// - Throws: 400 for what is not form-data.
    mutating func feed(_ bytes: some Sequence<UInt8>) throws(APIError) -> [Event] {
        buffer.append(contentsOf: bytes)
        var events: [Event] = []
        while try step(&events) {}
        return events
    }

    /// - Throws: 400 when the body ended before its last delimiter.
    func finish() throws(APIError) {
        guard state == .epilogue else { throw Self.malformed("the form breaks off before its last boundary") }
    }

    /// False when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(APIError) -> Bool {
        switch state {
        case .preamble: return try skipPreamble()
        case .afterDelimiter: return try readDelimiterEnd()
        case .headers: return try readHeaders(&events)
        case .body: return readBody(&events)
        case .epilogue:
            try pad(buffer.count)
            buffer.removeAll()
            return false
        }
    }

    private mutating func skipPreamble() throws(APIError) -> Bool {
        if let place = find(delimiter) {
            try pad(place)
            drop(place + delimiter.count)
            state = .afterDelimiter
            return true
        }
        let surplus = buffer.count - (delimiter.count - 1)
        if surplus > 0 {
            try pad(surplus)
            drop(surplus)
        }
        return false
    }

    private mutating func pad(_ count: Int) throws(APIError) {
        padding += count
        guard padding <= Self.maximumPadding else {
            throw Self.malformed("there is no boundary where the form should begin or end")
        }
    }

    /// Behind a delimiter: a line break before the next part, or two dashes at the end.
    private mutating func readDelimiterEnd() throws(APIError) -> Bool {
        // Blanks are allowed there.
        let blanks = buffer.prefix { $0 == 0x20 || $0 == 0x09 }.count
        guard blanks <= 64 else { throw Self.malformed("a boundary does not end its line") }
        guard buffer.count >= blanks + 2 else { return false }
        let pair = buffer[blanks..<blanks + 2]
        if pair.elementsEqual([0x0D, 0x0A]) {
            // The line break stays: a part without headers begins with two of them.
            drop(blanks)
            state = .headers
        } else if blanks == 0, pair.elementsEqual([0x2D, 0x2D]) {
            drop(2)
            padding = 0
            state = .epilogue
        } else {
            throw Self.malformed("a boundary does not end its line")
        }
        return true
    }

    private mutating func readHeaders(_ events: inout [Event]) throws(APIError) -> Bool {
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard buffer.count <= Self.maximumHeaderBytes else {
                throw Self.malformed("the headers of a part are too long")
            }
            return false
        }
        guard end <= Self.maximumHeaderBytes else { throw Self.malformed("the headers of a part are too long") }
        let lines = buffer[min(2, end)..<max(2, end)]
        events.append(.part(try MultipartPart(headers: Array(lines))))
        drop(end + 4)
        state = .body
        return true
    }

    private mutating func readBody(_ events: inout [Event]) -> Bool {
        if let place = find(delimiter) {
            if place > 0 { events.append(.bytes(Array(buffer[..<place]))) }
            events.append(.endOfPart)
            drop(place + delimiter.count)
            state = .afterDelimiter
            return true
        }
        let surplus = buffer.count - (delimiter.count - 1)
        if surplus > 0 {
            events.append(.bytes(Array(buffer[..<surplus])))
            drop(surplus)
        }
        return false
    }

    private mutating func drop(_ count: Int) { buffer.removeFirst(count) }

    private func find(_ pattern: [UInt8]) -> Int? {
        let last = buffer.count - pattern.count
        guard last >= 0 else { return nil }
        return buffer.withUnsafeBufferPointer { bytes in
            pattern.withUnsafeBufferPointer { pattern in
                var place = 0
                while place <= last {
                    if bytes[place] == pattern[0] {
                        var index = 1
                        while index < pattern.count, bytes[place + index] == pattern[index] { index += 1 }
                        if index == pattern.count { return place }
                    }
                    place += 1
                }
                return nil
            }
        }
    }

    static func malformed(_ message: String) -> APIError {
        APIError(
            .unreadableBody,
            message,
            hint: "Send multipart/form-data as browsers and 'curl -F' write it, with the boundary of the Content-Type."
        )
    }
}
