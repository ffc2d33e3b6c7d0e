import Glibc

/// Reads RFC 4180 records from chunks of any size; memory holds one record, whatever the file's length.
struct CSVReader: ~Copyable {
    /// One record during its visit; its bytes are reused afterwards.
    struct Record: ~Copyable {
        fileprivate(set) var bytes: [UInt8] = []
        fileprivate(set) var ends: [Int] = []

        var count: Int { ends.count }

        /// The unquoted bytes of a field; nil when the record has no such field.
        subscript(_ index: Int) -> ArraySlice<UInt8>? {
            guard ends.indices.contains(index) else { return nil }
            return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
        }

        func text(_ index: Int) -> String? {
            self[index].map { String(decoding: $0, as: UTF8.self) }
        }

        func equals(_ index: Int, _ text: StaticString) -> Bool {
            guard ends.indices.contains(index) else { return false }
            let start = index == 0 ? 0 : ends[index - 1]
            guard ends[index] - start == text.utf8CodeUnitCount else { return false }
            return bytes.withUnsafeBytes { all in
                guard let base = all.baseAddress else { return text.utf8CodeUnitCount == 0 }
                return memcmp(base + start, text.utf8Start, text.utf8CodeUnitCount) == 0
            }
        }
    }

    private enum State { case fieldStart, plain, quoted, quoteInQuoted }

    /// An offer row has about 90 fields and 2 kB; a record beyond this is a file that is no CSV, or a lost quote.
    static let longestRecord = 1 << 20

    let document: String
    private(set) var recordNumber = 0
    private var record = Record()
    private var state = State.fieldStart

    init(document: String) {
        self.document = document
    }

    /// Takes the next bytes and visits every record that they complete.
    mutating func feed(
        _ chunk: UnsafeRawBufferPointer,
        visit: (borrowing Record, Int) throws(PricingError) -> Void
    ) throws(PricingError) {
        var at = 0
        let count = chunk.count
        while at < count {
            switch state {
            case .quoted:
                let end = Self.find(UInt8(ascii: "\""), in: chunk, from: at)
                try take(chunk, at, end)
                at = end
                if at < count {
                    state = .quoteInQuoted
                    at += 1
                }
            case .plain:
                let end = Self.endOfPlain(chunk, at)
                try take(chunk, at, end)
                at = end
                if at < count {
                    try separator(chunk[at], visit)
                    at += 1
                }
            case .fieldStart:
                if chunk[at] == UInt8(ascii: "\"") {
                    state = .quoted
                    at += 1
                } else {
                    state = .plain
                }
            case .quoteInQuoted:
                if chunk[at] == UInt8(ascii: "\"") {
                    record.bytes.append(UInt8(ascii: "\""))
                    state = .quoted
                } else {
                    try separator(chunk[at], visit)
                }
                at += 1
            }
        }
    }

    /// Visits a last record that has no line end.
    ///
    /// - Throws: ``PricingError`` when the text ends inside quotes: the file was cut.
    mutating func finish(visit: (borrowing Record, Int) throws(PricingError) -> Void) throws(PricingError) {
        if state == .quoted { throw fault("the file ends inside a quoted field") }
        if state != .fieldStart || !record.ends.isEmpty { try endRecord(visit) }
    }

    func fault(_ message: String) -> PricingError {
        PricingError(.malformed, "\(message) (record \(recordNumber + 1))", in: document)
    }

    private mutating func separator(
        _ byte: UInt8,
        _ visit: (borrowing Record, Int) throws(PricingError) -> Void
    ) throws(PricingError) {
        switch byte {
        case UInt8(ascii: ","):
            record.ends.append(record.bytes.count)
            state = .fieldStart
        case UInt8(ascii: "\n"):
            try endRecord(visit)
        case UInt8(ascii: "\r"):
            break  // belongs to the line end that follows
        default:
            throw fault("text follows a closing quote")
        }
    }

    private mutating func endRecord(
        _ visit: (borrowing Record, Int) throws(PricingError) -> Void
    ) throws(PricingError) {
        record.ends.append(record.bytes.count)
        recordNumber += 1
        // A blank line is no record.
        if record.ends.count > 1 || !record.bytes.isEmpty { try visit(record, recordNumber) }
        record.bytes.removeAll(keepingCapacity: true)
        record.ends.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func take(_ chunk: UnsafeRawBufferPointer, _ from: Int, _ to: Int) throws(PricingError) {
        if record.bytes.count + (to - from) > Self.longestRecord { throw fault("a record longer than 1 MiB") }
        record.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[from..<to]))
    }

    private static func find(_ byte: UInt8, in chunk: UnsafeRawBufferPointer, from: Int) -> Int {
        guard let base = chunk.baseAddress, let found = memchr(base + from, Int32(byte), chunk.count - from) else {
            return chunk.count
        }
        return UnsafeRawPointer(found) - base
    }

    private static func endOfPlain(_ chunk: UnsafeRawBufferPointer, _ from: Int) -> Int {
        var at = from
        while at < chunk.count {
            switch chunk[at] {
            case UInt8(ascii: ","), UInt8(ascii: "\n"), UInt8(ascii: "\r"): return at
            default: at += 1
            }
        }
        return at
    }
}
