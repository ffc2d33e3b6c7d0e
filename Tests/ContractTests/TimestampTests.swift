import Contract
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "RFC 3339 texts read to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", Int64(0)), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-23T20:52:24.123Z", 1_795_467_144_123), ("2026-11-23T21:52:24.1239+01:00", 1_795_467_144_123),
            ("2026-11-23t15:22:24.123456789-05:30", 1_795_467_144_123), ("2000-02-29T12:00:00z", 951_825_600_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000),
        ]
    )
    func reads(text: String, milliseconds: Int64) throws {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no instant is refused",
        arguments: [
            "", "2026-11-23", "2026-11-23T20:52:24", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
            "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T20:60:00Z", "2026-11-23T20:52:61Z", "2026-11-23T20:52:24.Z", "2026-11-23T20:52:24.1234567890Z",
            "2026-11-23T20:52:24+1:00", "2026-11-23T20:52:24+0100", "2026-11-23T20:52:24ZZ",
            "2026-11-23T20:52:24+24:00",
            "20261123T205224Z", "2026/11/23T20:52:24Z", "-2026-11-23T20:52:24Z", "２026-11-23T20:52:24Z",
        ]
    )
    func refused(text: String) throws {
        #expect(Timestamp(text) == nil)
    }

    @Test("every day of eight centuries prints and reads back", arguments: 0..<8)
    func roundTrip(century: Int64) throws {
        for day in stride(from: century * 36_525 - 100_000, to: (century + 1) * 36_525 - 100_000, by: 13) {
            let instant = Timestamp(milliseconds: day * 86_400_000 + 45_296_789)
            #expect(Timestamp(instant.description) == instant)
            #expect(instant.description.hasSuffix("T12:34:56.789Z"))
        }
    }

    @Test("hours and weekdays are those of UTC")
    func calendar() throws {
        let saturday = try #require(Timestamp("2026-11-21T23:59:59.999Z"))
        #expect(saturday.weekday == 5)
        #expect(saturday.hour == 23)
        #expect(saturday.adding(hours: 1).weekday == 6)
        #expect(saturday.adding(days: 2).weekday == 0)
        #expect(try #require(Timestamp("1969-12-31T00:00:00Z")).weekday == 2)
    }
}

extension TimestampTests {
    @Test(
        "text is fixed in width within four digits of year, and never traps beyond",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (1_795_467_144_007, "2026-11-23T20:52:24.007Z"),
        ]
    )
    func writes(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(
            !Timestamp(milliseconds: .min).description.isEmpty && !Timestamp(milliseconds: .max).description.isEmpty
        )
    }
}
