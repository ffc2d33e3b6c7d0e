extension ZoneRules {
    /// Reads a compiled zone file (RFC 8536, versions 2 to 4).
    ///
    /// Our own reader, since FoundationEssentials knows no zone but GMT, and so that tests can bring rules of their own.
    ///
    /// - Throws: ``CalendarError/Code/malformedZone`` for what is not such a file.
    package init(name: String, tzif bytes: [UInt8]) throws(CalendarError) {
        var reader = TZifReader(name: name, bytes: bytes)
        let first = try reader.header()
        guard first.version >= 0x32 else {
            throw reader.malformed("is of version 1, which ends in 2037; install a newer tzdata")
        }
        try reader.skip(first.bodyLength(timeLength: 4))
        let header = try reader.header()
        guard header.leapSeconds == 0 else {
            throw reader.malformed("counts leap seconds; use the zone without right/")
        }
        guard header.types > 0 else { throw reader.malformed("has no offset at all") }
        var times: [Int64] = []
        for _ in 0..<header.times { times.append(try reader.integer(8)) }
        var kinds: [Int] = []
        for _ in 0..<header.times { kinds.append(Int(try reader.byte())) }
        var offsets: [Int64] = []
        for _ in 0..<header.types {
            offsets.append(try reader.integer(4))
            try reader.skip(2)  // summer time or not, and the abbreviation: neither moves a fire
        }
        try reader.skip(header.characters + header.standardFlags + header.universalFlags)
        let footer = try reader.footer()

        guard kinds.allSatisfy({ $0 < offsets.count }) else { throw reader.malformed("names an offset it lacks") }
        guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw reader.malformed("has changes out of order")
        }
        guard offsets.allSatisfy({ abs($0) <= Self.largestOffset }) else {
            throw reader.malformed("has an offset of more than 26 hours")
        }
        var rule: PosixRule?
        if !footer.isEmpty {
            guard let parsed = PosixRule(footer) else { throw reader.malformed("ends with a rule that cannot be read") }
            rule = parsed
        }
        self.init(
            name: name,
            fingerprint: Self.fingerprint(of: bytes),
            initialOffset: offsets[0],
            changes: zip(times, kinds).map { ($0, offsets[$1]) },
            footer: rule
        )
    }

    /// RFC 8536 allows offsets from -24:59:59 to 25:59:59.
    static let largestOffset: Int64 = 26 * 3600

    /// FNV-1a, which is enough to notice that a file has changed.
    private static func fingerprint(of bytes: [UInt8]) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}

/// Walks over the bytes of a zone file and refuses to leave them.
private struct TZifReader {
    struct Header {
        let version: UInt8
        let universalFlags: Int
        let standardFlags: Int
        let leapSeconds: Int
        let times: Int
        let types: Int
        let characters: Int

        func bodyLength(timeLength: Int) -> Int {
            times * (timeLength + 1) + types * 6 + characters + leapSeconds * (timeLength + 4) + standardFlags
                + universalFlags
        }
    }

    let name: String
    let bytes: [UInt8]
    private var position = 0

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    func malformed(_ what: String) -> CalendarError {
        CalendarError(.malformedZone, "the time zone file of \(name) \(what)")
    }

    mutating func header() throws(CalendarError) -> Header {
        guard bytes.count >= position + 44, Array(bytes[position..<position + 4]) == Array("TZif".utf8) else {
            throw malformed("is no TZif file")
        }
        let version = bytes[position + 4]
        position += 20
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = Int(try integer(4))
            // Far more than any zone has; keeps the sums below from overflowing.
            guard (0...100_000).contains(count) else { throw malformed("has an absurd number of entries") }
            counts.append(count)
        }
        return Header(
            version: version,
            universalFlags: counts[0],
            standardFlags: counts[1],
            leapSeconds: counts[2],
            times: counts[3],
            types: counts[4],
            characters: counts[5]
        )
    }

    mutating func byte() throws(CalendarError) -> UInt8 {
        guard position < bytes.count else { throw malformed("is cut off") }
        defer { position += 1 }
        return bytes[position]
    }

    /// A signed big-endian number of that many bytes.
    mutating func integer(_ length: Int) throws(CalendarError) -> Int64 {
        var value: Int64 = Int64(Int8(bitPattern: try byte()))
        for _ in 1..<length { value = value << 8 | Int64(try byte()) }
        return value
    }

    mutating func skip(_ count: Int) throws(CalendarError) {
        guard position + count <= bytes.count else { throw malformed("is cut off") }
        position += count
    }

    /// The text between the last two line feeds.
    mutating func footer() throws(CalendarError) -> String {
        guard try byte() == 0x0A else { throw malformed("has no rule at its end") }
        let start = position
        while try byte() != 0x0A {}
        return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }
}
