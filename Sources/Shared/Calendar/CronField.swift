/// One field of a cron expression: the values it allows, as bits.
struct CronField: Sendable, Equatable {
    /// What a field may hold.
    struct Kind: Sendable {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []

        static let minute = Kind(name: "minute", range: 0...59)
        static let hour = Kind(name: "hour", range: 0...23)
        static let dayOfMonth = Kind(name: "day of month", range: 1...31)
        static let month = Kind(
            name: "month",
            range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        )
        /// 0 and 7 are both Sunday.
        static let dayOfWeek = Kind(
            name: "day of week",
            range: 0...7,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        )
    }

    private(set) var bits: UInt64 = 0
    /// Whether the field begins with a star, `*/2` included: the mark that Vixie's cron goes by when both day fields
    /// are given.
    let isStar: Bool

    init(bits: UInt64, isStar: Bool = false) {
        self.bits = bits
        self.isStar = isStar
    }

    init(_ text: Substring, _ kind: Kind) throws(CalendarError) {
        isStar = text.first == "*"
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            try add(item, kind)
        }
        if kind.range.upperBound == 7, contains(7) { bits = bits & 0x7F | 1 }
    }

    func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

    /// The smallest allowed value that is not below `value`.
    func first(from value: Int) -> Int? {
        guard value < 64 else { return nil }
        let rest = bits & (.max << UInt64(value))
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    /// The largest allowed value that is not above `value`.
    func last(through value: Int) -> Int? {
        guard value >= 0 else { return nil }
        let rest = bits & (.max >> UInt64(63 - value))
        return rest == 0 ? nil : 63 - rest.leadingZeroBitCount
    }

    private mutating func add(_ item: Substring, _ kind: Kind) throws(CalendarError) {
        let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if parts.count == 2 {
            let span = kind.range.upperBound - kind.range.lowerBound
            guard let number = Self.number(parts[1]), (1...span).contains(number) else {
                throw Self.invalid(item, kind, "the step after / must be 1 to \(span)")
            }
            step = number
        }
        let bounds = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let low: Int
        var high: Int
        if parts[0] == "*" {
            low = kind.range.lowerBound
            // 7 is only another name of Sunday.
            high = kind.range.upperBound == 7 ? 6 : kind.range.upperBound
        } else {
            low = try Self.value(bounds[0], item, kind)
            if bounds.count == 2 {
                high = try Self.value(bounds[1], item, kind)
                // Sunday ends a week as well as it begins one: sat-sun.
                if kind.range.upperBound == 7, high == 0, low > 0 { high = 7 }
            } else {
                high = parts.count == 2 ? kind.range.upperBound : low
                if kind.range.upperBound == 7, parts.count == 2 { high = max(low, 6) }
            }
        }
        guard low <= high else { throw Self.invalid(item, kind, "the range runs backwards; write it as two") }
        for value in stride(from: low, through: high, by: step) { bits |= 1 << UInt64(value) }
    }

    private static func value(_ word: Substring, _ item: Substring, _ kind: Kind) throws(CalendarError) -> Int {
        if let index = kind.names.firstIndex(of: word.lowercased()) { return kind.range.lowerBound + index }
        guard let number = number(word), kind.range.contains(number) else {
            let names = kind.names.isEmpty ? "" : " or a name such as \(kind.names[1])"
            throw invalid(item, kind, "it must be \(kind.range.lowerBound) to \(kind.range.upperBound)\(names)")
        }
        return number
    }

    /// Digits only: `Int` alone would take a sign.
    private static func number(_ word: Substring) -> Int? {
        word.utf8.allSatisfy { $0 &- 0x30 < 10 } && word.utf8.count <= 4 ? Int(word) : nil
    }

    private static func invalid(_ item: Substring, _ kind: Kind, _ why: String) -> CalendarError {
        CalendarError(.invalidExpression, "the \(kind.name) '\(item)' cannot be read: \(why)")
    }
}
