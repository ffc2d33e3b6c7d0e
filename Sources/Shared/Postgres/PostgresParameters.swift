/// The parameters of one statement, encoded once on the caller's thread and handed to libpq without another copy.
struct PostgresParameters: Sendable {
    /// The wire protocol counts parameters in sixteen bits.
    static let limit = 65_535

    let types: [UInt32]
    private let bytes: [UInt8]
    /// Where each value starts and its length; a negative length is a null.
    private let ranges: [(start: Int, length: Int32)]

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.limit else {
            throw PostgresError(
                .invalidParameter,
                "\(values.count) parameters exceed the \(Self.limit) of one statement; pass arrays and unnest them"
            )
        }
        var bytes: [UInt8] = []
        var ranges: [(start: Int, length: Int32)] = []
        ranges.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            try value.encode(into: &bytes)
            guard let length = Int32(exactly: bytes.count - start) else {
                throw PostgresError(.invalidParameter, "a value is larger than 2 GiB; split it")
            }
            ranges.append((start, value == .null ? -1 : length))
        }
        // An empty value needs a pointer that is not null.
        if bytes.isEmpty { bytes.append(0) }
        self.types = values.map(\.type)
        self.bytes = bytes
        self.ranges = ranges
    }

    /// Calls `body` with the arrays that libpq expects; they are valid only inside.
    func withPointers<Result>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        guard !ranges.isEmpty else { return body(nil, nil, nil) }
        return bytes.withUnsafeBytes { raw in
            let base = raw.assumingMemoryBound(to: CChar.self).baseAddress
            let values = ranges.map { range in range.length < 0 ? nil : base.map { $0 + range.start } }
            let lengths = ranges.map { max(0, $0.length) }
            let formats = [Int32](repeating: 1, count: ranges.count)
            return body(values, lengths, formats)
        }
    }
}
