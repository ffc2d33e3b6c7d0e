/// RFC 3339 text, both ways.
extension Timestamp: CustomStringConvertible {
    /// Reads `2026-11-23T20:52:24.123Z`, with `Z` or a numeric offset and any number of decimals up to nine.
    ///
    /// Digits beyond milliseconds are cut off. A leap second counts as the first second of the next minute, as POSIX
    /// time has it. A text without an offset is refused: guessing a zone is how wrong times enter a ledger.
    package init?(_ text: String) {
        var text = text
        guard let value = text.withUTF8({ Self.parse(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// `2026-11-23T20:52:24.123Z`: always UTC, always three decimals, so that texts sort as instants do.
    package var description: String {
        let days = Self.floorDivide(milliseconds, 86_400_000)
        let rest = Self.floorModulo(milliseconds, 86_400_000)
        let date = Self.date(days: days)
        // Years beyond four digits occur in hostile input only; before year 0 is year 0.
        guard date.year <= 9999 else { return "\(date.year)" + Self.text(year: 0, date, rest).dropFirst(4) }
        return Self.text(year: max(0, date.year), date, rest)
    }

    private static func text(year: Int64, _ date: (year: Int64, month: Int64, day: Int64), _ rest: Int64) -> String {
        String(unsafeUninitializedCapacity: 24) { text in
            write(year, 0, 4, text)
            text[4] = UInt8(ascii: "-")
            write(date.month, 5, 2, text)
            text[7] = UInt8(ascii: "-")
            write(date.day, 8, 2, text)
            text[10] = UInt8(ascii: "T")
            write(rest / 3_600_000, 11, 2, text)
            text[13] = UInt8(ascii: ":")
            write(rest / 60_000 % 60, 14, 2, text)
            text[16] = UInt8(ascii: ":")
            write(rest / 1000 % 60, 17, 2, text)
            text[19] = UInt8(ascii: ".")
            write(rest % 1000, 20, 3, text)
            text[23] = UInt8(ascii: "Z")
            return 24
        }
    }

    private static func write(_ value: Int64, _ start: Int, _ width: Int, _ text: UnsafeMutableBufferPointer<UInt8>) {
        var value = value
        for index in stride(from: start + width - 1, through: start, by: -1) {
            text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10)
            value /= 10
        }
    }

    private static func parse(_ text: UnsafeRawBufferPointer) -> Timestamp? {
        guard text.count >= 20, text.count <= 35 else { return nil }
        guard let year = number(text, 0, 4), let month = number(text, 5, 2), let day = number(text, 8, 2),
            let hour = number(text, 11, 2), let minute = number(text, 14, 2), let second = number(text, 17, 2)
        else { return nil }
        guard text[4] == 0x2D, text[7] == 0x2D, text[13] == 0x3A, text[16] == 0x3A,
            text[10] | 0x20 == UInt8(ascii: "t") || text[10] == 0x20
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= daysInMonth(year: year, month: month),
            hour < 24, minute < 60, second <= 60
        else { return nil }

        var cursor = 19
        var milliseconds: Int64 = 0
        if text[cursor] == UInt8(ascii: ".") {
            cursor += 1
            let first = cursor
            var scale: Int64 = 100
            while cursor < text.count, text[cursor] &- 0x30 <= 9 {
                milliseconds += Int64(text[cursor] - 0x30) * scale
                scale /= 10
                cursor += 1
            }
            guard cursor > first, cursor - first <= 9 else { return nil }
        }
        guard let offset = offsetMinutes(text, cursor) else { return nil }
        let seconds =
            days(year: year, month: month, day: day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second
        return Timestamp(milliseconds: seconds * 1000 + milliseconds)
    }

    private static func offsetMinutes(_ text: UnsafeRawBufferPointer, _ cursor: Int) -> Int64? {
        guard cursor < text.count else { return nil }
        if text[cursor] | 0x20 == UInt8(ascii: "z") { return cursor + 1 == text.count ? 0 : nil }
        guard text[cursor] == 0x2B || text[cursor] == 0x2D, cursor + 6 == text.count, text[cursor + 3] == 0x3A,
            let hours = number(text, cursor + 1, 2), let minutes = number(text, cursor + 4, 2), hours < 24, minutes < 60
        else { return nil }
        return (text[cursor] == 0x2D ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int64? {
        guard start + count <= text.count else { return nil }
        var value: Int64 = 0
        for index in start..<start + count {
            let digit = text[index] &- 0x30
            guard digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }
}
