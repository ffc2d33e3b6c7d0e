/// A time zone: which offset from UTC holds when, for all time.
package struct ZoneRules: Sendable {
    /// A stretch of time with one offset.
    package struct Period: Sendable, Equatable {
        /// The first second; `Int64.min` without a beginning.
        package let start: Int64
        /// The first second after; `Int64.max` without an end.
        package let end: Int64
        /// Seconds east of Greenwich.
        package let offset: Int64
    }

    /// The IANA name, such as `Europe/Berlin`.
    package let name: String
    /// Changes when the rules do: the hash of the file they were read from.
    package let fingerprint: Int64
    /// When each listed offset begins; the first one has no beginning.
    private let starts: [Int64]
    private let offsets: [Int64]
    /// Holds from the last start on.
    private let footer: PosixRule?

    /// Puts the rules together from changes in the order of time; neighbours with one offset become one period.
    init(
        name: String,
        fingerprint: Int64,
        initialOffset: Int64,
        changes: [(at: Int64, offset: Int64)],
        footer: PosixRule?
    ) {
        var starts: [Int64] = [.min]
        var offsets = [initialOffset]
        for change in changes where change.offset != offsets.last {
            starts.append(change.at)
            offsets.append(change.offset)
        }
        // The footer speaks from the last listed change on, even when that one changed no offset.
        if let last = changes.last, footer != nil, starts.last != last.at {
            starts.append(last.at)
            offsets.append(last.offset)
        }
        self.name = name
        self.fingerprint = fingerprint
        self.starts = starts
        self.offsets = offsets
        self.footer = footer
    }

    /// Universal time, which needs no file.
    package static let utc = ZoneRules(
        name: "UTC",
        fingerprint: 0,
        initialOffset: 0,
        changes: [],
        footer: nil
    )

    /// The period that this second lies in.
    package func period(at second: Int64) -> Period {
        let last = starts[starts.count - 1]
        if second >= last, let footer { return Self.period(at: second, footer, from: last) }
        // The last start that is not after the second.
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= second { low = middle } else { high = middle }
        }
        return Period(start: starts[low], end: high < starts.count ? starts[high] : .max, offset: offsets[low])
    }

    /// What a clock in the zone shows at that moment.
    package func civilTime(at moment: Moment) -> CivilTime {
        CivilTime(seconds: moment.seconds + period(at: moment.seconds).offset)
    }

    private static func period(at second: Int64, _ footer: PosixRule, from last: Int64) -> Period {
        let year = CivilTime(seconds: second).date.components.year
        // Two years on either side: a rule's hours may reach a week beyond its year.
        var changes = (year - 2...year + 2).flatMap(footer.changes(in:))
        // At the same second summer's end comes first: a rule for summer time all year ends and starts it at once.
        changes.sort { ($0.at, $0.offset == footer.standard ? 0 : 1) < ($1.at, $1.offset == footer.standard ? 0 : 1) }
        var start = last
        var offset = footer.standard
        var isFirst = true
        for (index, change) in changes.enumerated() {
            if index + 1 < changes.count, changes[index + 1].at == change.at { continue }
            if change.at > second {
                if change.offset != offset { return Period(start: start, end: change.at, offset: offset) }
            } else {
                if (isFirst || change.offset != offset), change.at > last { start = change.at }
                offset = change.offset
                isFirst = false
            }
        }
        return Period(start: start, end: .max, offset: offset)
    }
}
