import Calendar

/// Why a schedule cannot be read; becomes the error of the field it stands in.
struct SpecFault: Error, Sendable {
    /// Follows the name of the field: `holds "Fry", which is no day`.
    var message: String
    var hint: String

    init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }
}

/// Times of day and days of the week as all syntaxes write them.
enum WallTime {
    /// Minutes after midnight of `8:00` or `08:00`; `24:00` only where a time ends something.
    static func minutes(_ text: some StringProtocol, isEnd: Bool) throws(SpecFault) -> Int {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            let hour = number(parts[0]), let minute = number(parts[1]), minute < 60,
            hour < 24 || isEnd && hour == 24 && minute == 0
        else {
            throw SpecFault(
                "holds \"\(shown(text))\", which is no time of day",
                hint: "Write HH:MM, 00:00 to 23:59" + (isEnd ? ", or 24:00 for the end of a day." : ".")
            )
        }
        return hour * 60 + minute
    }

    /// A window from two times; one that does not end later than it begins ends on the next day.
    static func window(days: UInt8, start: Int, end: Int) throws(SpecFault) -> DayWindow {
        guard start != end else {
            throw SpecFault(
                "begins and ends at the same time, which may mean nothing or the whole day",
                hint: "Write 00:00-24:00 for a whole day, or never."
            )
        }
        return DayWindow(days: days, start: start, end: end > start ? end : end + DayWindow.minutesPerDay)
    }

    /// The days from one to the other, round the end of the week if need be; bit 0 is Monday.
    static func days(from first: Int, through last: Int) -> UInt8 {
        var bits: UInt8 = 0
        var day = first
        while true {
            bits |= 1 << UInt8(day)
            if day == last { return bits }
            day = (day + 1) % 7
        }
    }

    /// Digits only: `Int` alone would take a sign.
    static func number(_ text: some StringProtocol) -> Int? {
        !text.isEmpty && text.utf8.count <= 4 && text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Int(text) : nil
    }

    /// What a message may quote: short, and without control characters.
    static func shown(_ text: some StringProtocol) -> String {
        String(decoding: text.utf8.prefix(64).map { $0 < 0x20 || $0 >= 0x7F ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
