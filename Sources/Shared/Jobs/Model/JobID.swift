package import FoundationEssentials

/// A job's identity: a UUIDv7, so that ids sort by acceptance and tell the day of their result's partition.
package struct JobID: Hashable, Sendable, CustomStringConvertible {
    package let uuid: UUID

    package init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// Reads the canonical text form; nil for any other shape, including UUIDs of another version.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)), uuid.version == 7 else { return nil }
        self.uuid = uuid
    }

    /// Makes a new id for a job accepted at `now`: 48 bits of milliseconds, then 74 random bits (RFC 9562).
    package static func make(now: Date = Date()) -> JobID {
        let milliseconds = UInt64(max(0, now.timeIntervalSince1970 * 1000))
        var generator = SystemRandomNumberGenerator()
        let first = UInt64.random(in: .min ... .max, using: &generator)
        let second = UInt64.random(in: .min ... .max, using: &generator)
        func byte(_ value: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (8 * index)) }
        return JobID(
            UUID(
                uuid: (
                    byte(milliseconds, 5), byte(milliseconds, 4), byte(milliseconds, 3), byte(milliseconds, 2),
                    byte(milliseconds, 1), byte(milliseconds, 0),
                    0x70 | (byte(first, 0) & 0x0F), byte(first, 1),
                    0x80 | (byte(first, 2) & 0x3F), byte(first, 3), byte(first, 4), byte(first, 5),
                    byte(second, 0), byte(second, 1), byte(second, 2), byte(second, 3)
                )
            )
        )
    }

    /// When the job was accepted, to the millisecond, by the clock of the API process.
    package var acceptedAt: Date {
        let bytes = uuid.uuid
        let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5]
            .reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    package var description: String {
        uuid.uuidString.lowercased()
    }
}

extension UUID {
    fileprivate var version: UInt8 { uuid.6 >> 4 }
}
