/// The rule at the end of a zone's file, for all time after its last listed change: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// POSIX TZ with the extension of RFC 8536: hours of a change may reach from -167 to 167.
package struct PosixRule: Sendable, Equatable {
    /// The day and the time of day, on the wall before the change, of one change of a year.
    struct Change: Sendable, Equatable {
        enum Day: Sendable, Equatable {
            /// Week 5 is the last one of the month; weekday 0 is Sunday.
            case weekday(month: Int, week: Int, weekday: Int)
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365; 29 February is counted.
            case ordinal(Int)
        }

        let day: Day
        let seconds: Int64

        /// Seconds since 1970-01-01 00:00 on the wall before the change.
        func local(in year: Int) -> Int64 {
            let first = CivilDate(year: year, month: 1, day: 1).days
            let days: Int64 =
                switch day {
                case .ordinal(let number): first + Int64(number)
                case .julian(let number):
                    first + Int64(number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0))
                case .weekday(let month, let week, let weekday):
                    Self.days(of: year, month, week, weekday)
                }
            return days * 86_400 + seconds
        }

        private static func days(of year: Int, _ month: Int, _ week: Int, _ weekday: Int) -> Int64 {
            let first = CivilDate(year: year, month: month, day: 1)
            var day = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            if day > CivilDate.daysInMonth(year: year, month: month) { day -= 7 }
            return first.days + Int64(day - 1)
        }
    }

    /// Seconds east of Greenwich, outside summer time.
    let standard: Int64
    let summer: (offset: Int64, start: Change, end: Change)?

    /// The rule's changes of one year, each with the offset that begins.
    func changes(in year: Int) -> [(at: Int64, offset: Int64)] {
        guard let summer else { return [] }
        return [
            (summer.end.local(in: year) - summer.offset, standard),
            (summer.start.local(in: year) - standard, summer.offset),
        ]
    }

    package static func == (left: PosixRule, right: PosixRule) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset
            && left.summer?.start == right.summer?.start && left.summer?.end == right.summer?.end
    }
}

extension PosixRule {
    /// Reads the rule; nil for any text that POSIX and RFC 8536 do not know.
    package init?(_ text: String) {
        var reader = PosixRuleReader(text)
        guard reader.zone() != nil, let west = reader.offset(hours: 24) else { return nil }
        self.standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.zone() != nil else { return nil }
        var offset = self.standard + 3600
        if !reader.isAt(",") {
            guard let west = reader.offset(hours: 24) else { return nil }
            offset = -west
        }
        guard reader.skip(","), let start = reader.change(), reader.skip(","), let end = reader.change(),
            reader.isAtEnd
        else { return nil }
        summer = (offset, start, end)
    }
}

/// Reads the parts of a POSIX rule from left to right.
private struct PosixRuleReader {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    func isAt(_ character: Character) -> Bool { rest.first == character }

    mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    /// An abbreviation: letters, or anything of the portable set between angle brackets.
    mutating func zone() -> Substring? {
        let name: Substring
        if skip("<") {
            name = rest.prefix { $0 != ">" }
            rest = rest.dropFirst(name.count)
            guard skip(">") else { return nil }
        } else {
            name = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(name.count)
        }
        return name.count >= 3 ? name : nil
    }

    mutating func number(_ allowed: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }.prefix(4)
        guard let value = Int(digits), allowed.contains(value) else { return nil }
        rest = rest.dropFirst(digits.count)
        return value
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func offset(hours: Int) -> Int64? {
        let isNegative = isAt("-")
        if isNegative || isAt("+") { rest.removeFirst() }
        guard let hour = number(0...hours) else { return nil }
        var seconds = hour * 3600
        if skip(":") {
            guard let minute = number(0...59) else { return nil }
            seconds += minute * 60
            if skip(":") {
                guard let second = number(0...59) else { return nil }
                seconds += second
            }
        }
        return Int64(isNegative ? -seconds : seconds)
    }

    mutating func change() -> PosixRule.Change? {
        let day: PosixRule.Change.Day
        if skip("M") {
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                let weekday = number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if skip("J") {
            guard let number = number(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(0...365) else { return nil }
            day = .ordinal(number)
        }
        guard skip("/") else { return PosixRule.Change(day: day, seconds: 7200) }
        // Beyond a day in RFC 8536: rules such as "the Saturday before the last Sunday".
        return offset(hours: 167).map { PosixRule.Change(day: day, seconds: $0) }
    }
}
