import Calendar
import Contract

/// The time specifications of kube-downscaler: `Mon-Fri 07:30-20:30 Europe/Berlin, Sat 10:00-14:00 UTC`.
///
/// A comma list of weekly windows and of fixed stretches between two instants, or `always` or `never` alone. Start is
/// inclusive, end exclusive. Unlike there, an overnight window (`22:00-06:00`) is understood, any IANA zone is taken,
/// one day needs no range, and the zone may be left out.
enum DownscalerSpec {
    private static let hint = "Write \"Mon-Fri 07:30-20:30 Europe/Berlin\", a comma list of such, always, or never."
    private static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    /// A comma list longer than this is a mistake or an attack.
    private static let mostItems = 64

    /// - Parameters:
    ///   - text: The specification.
    ///   - defaultZone: For items without a zone.
    /// - Returns: The windows in which the workload runs.
    /// - Throws: ``SpecFault`` with the part that is wrong.
    static func read(_ text: String, defaultZone: String) throws(SpecFault) -> WindowSet {
        switch text.lowercased() {
        case "always": return .always
        case "never": return .never
        default: break
        }
        let items = text.split(separator: ",", omittingEmptySubsequences: false)
        guard items.count <= mostItems else { throw SpecFault("holds more than \(mostItems) items", hint: hint) }
        var set = WindowSet()
        for item in items {
            let words = item.split(separator: " ")
            if words.count == 1, let range = try fixed(words[0]) {
                set.fixed.append(range)
            } else {
                set.weekly.append(try weekly(words, item, defaultZone))
            }
        }
        // The order of a list says nothing: equal lists are equal schedules.
        set.fixed.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        set.weekly.sort { $0.order < $1.order }
        return set
    }

    private static func weekly(
        _ words: [Substring],
        _ item: Substring,
        _ defaultZone: String
    ) throws(SpecFault) -> WindowSet.Weekly {
        guard words.count == 2 || words.count == 3 else {
            throw SpecFault("holds \"\(WallTime.shown(item))\", which is no time specification", hint: hint)
        }
        let days = try days(words[0])
        let times = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard times.count == 2 else {
            throw SpecFault("holds \"\(WallTime.shown(words[1]))\", which is no range of times", hint: hint)
        }
        let start = try WallTime.minutes(times[0], isEnd: false)
        let end = try WallTime.minutes(times[1], isEnd: true)
        return WindowSet.Weekly(
            window: try WallTime.window(days: days, start: start, end: end),
            zone: words.count == 3 ? String(words[2]) : defaultZone
        )
    }

    private static func days(_ word: Substring) throws(SpecFault) -> UInt8 {
        let names = word.split(separator: "-", omittingEmptySubsequences: false)
        var numbers: [Int] = []
        for name in names {
            guard names.count <= 2, let number = dayNames.firstIndex(of: name.lowercased()) else {
                throw SpecFault("holds \"\(WallTime.shown(word))\", which names no days", hint: hint)
            }
            numbers.append(number)
        }
        return WallTime.days(from: numbers[0], through: numbers[numbers.count - 1])
    }

    /// A stretch between two instants, such as `2026-01-01T00:00:00+00:00-2026-01-02T00:00:00+00:00`.
    private static func fixed(_ word: Substring) throws(SpecFault) -> Range<Int64>? {
        guard word.utf8.first.map({ $0 &- 0x30 < 10 }) == true else { return nil }
        var index = word.startIndex
        while let dash = word[index...].firstIndex(of: "-") {
            index = word.index(after: dash)
            guard let start = Timestamp(String(word[..<dash])), let end = Timestamp(String(word[index...])) else {
                continue
            }
            guard start < end else {
                throw SpecFault("holds \"\(WallTime.shown(word))\", which ends before it begins", hint: hint)
            }
            return seconds(start)..<seconds(end)
        }
        throw SpecFault(
            "holds \"\(WallTime.shown(word))\", which is no range of two instants with their offsets",
            hint: "Write 2026-01-01T00:00:00+01:00-2026-01-02T12:00:00+01:00."
        )
    }

    private static func seconds(_ timestamp: Timestamp) -> Int64 {
        Int64(timestamp.secondsSinceEpoch.rounded(.up))
    }
}

extension WindowSet.Weekly {
    fileprivate var order: (UInt8, Int, Int, String) { (window.days, window.start, window.end, zone) }
}
