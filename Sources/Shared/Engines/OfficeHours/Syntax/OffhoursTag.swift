import Calendar

/// The tag values of Cloud Custodian's off-hours: `off=[(M-F,19)];on=[(M-F,7)];tz=pt`.
///
/// Days are M T W H F S U, also as a range; hours 0 to 23. An empty value or `on` means Monday to Friday from 7 to 19.
enum OffhoursTag {
    /// Custodian's short names of zones; each stands for a place, so that summer time is observed.
    private static let aliases = [
        "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "pst": "America/Los_Angeles",
        "ast": "America/Phoenix", "at": "America/Phoenix", "est": "America/New_York", "edt": "America/New_York",
        "et": "America/New_York", "cst": "America/Chicago", "cdt": "America/Chicago", "ct": "America/Chicago",
        "mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver", "gmt": "Etc/GMT", "gt": "Etc/GMT",
        "bst": "Europe/London", "ist": "Europe/Dublin", "cet": "Europe/Berlin", "it": "Asia/Kolkata",
        "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "sgt": "Asia/Singapore", "aet": "Australia/Sydney",
        "brt": "America/Sao_Paulo", "utc": "Etc/UTC",
    ]
    private static let hint = "Write off=[(M-F,19)];on=[(M-F,7)];tz=Europe/Berlin."
    private static let letters: [Character] = ["m", "t", "w", "h", "f", "s", "u"]

    /// Whether a text is meant in this syntax.
    static func matches(_ text: String) -> Bool {
        let small = text.lowercased()
        return small == "on" || small.contains("off=") || small.contains("on=") || small.hasPrefix("tz=")
    }

    static func read(_ text: String, defaultZone: String) throws(SpecFault) -> (events: SleepEvents, zone: String) {
        var parts: [String: Substring] = [:]
        let value = text.trimmingQuotes
        for piece in value.split(separator: ";") where value.lowercased() != "on" {
            let pair = piece.split(separator: "=", omittingEmptySubsequences: false)
            let key = pair[0].lowercased().filter { $0 != " " }
            guard pair.count == 2, ["on", "off", "tz"].contains(key), parts[key] == nil else {
                throw SpecFault("holds \"\(WallTime.shown(piece))\", which is neither on=, off= nor tz=", hint: hint)
            }
            parts[key] = pair[1]
        }
        let name = parts["tz"].map { String($0.filter { $0 != " " }) } ?? ""
        let zone = name.isEmpty ? defaultZone : aliases[name.lowercased()] ?? name
        guard (parts["on"] == nil) == (parts["off"] == nil) else {
            throw SpecFault("has only one of on= and off=", hint: hint)
        }
        let events = SleepEvents(
            wakes: try crons(parts["on"] ?? "(M-F,7)"),
            sleeps: try crons(parts["off"] ?? "(M-F,19)"),
            zone: zone
        )
        return (events, zone)
    }

    /// `[(M-F,21),(U,18)]` as cron expressions.
    private static func crons(_ value: Substring) throws(SpecFault) -> [String] {
        let plain = value.lowercased().filter { $0 != "[" && $0 != "]" && $0 != " " }
        var crons: Set<String> = []
        for item in plain.split(separator: ")", omittingEmptySubsequences: true) {
            let words = item.drop { $0 == "," || $0 == "(" }.split(separator: ",", omittingEmptySubsequences: false)
            guard words.count == 2, let hour = WallTime.number(words[1]), hour < 24 else {
                throw SpecFault("holds \"\(WallTime.shown(item))\", which is no (days,hour)", hint: hint)
            }
            let days = try days(words[0])
            crons.insert("0 \(hour) * * \(CronDays.text(days))")
        }
        guard !crons.isEmpty, crons.count <= 64 else {
            throw SpecFault("holds \"\(WallTime.shown(value))\", which is no list of (days,hour)", hint: hint)
        }
        return crons.sorted()
    }

    private static func days(_ word: Substring) throws(SpecFault) -> UInt8 {
        let names = word.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = names.compactMap { name in
            name.count == 1 ? name.first.flatMap { letters.firstIndex(of: $0) } : nil
        }
        guard (1...2).contains(names.count), numbers.count == names.count else {
            throw SpecFault("holds \"\(WallTime.shown(word))\", which is none of M T W H F S U", hint: hint)
        }
        return WallTime.days(from: numbers[0], through: numbers[numbers.count - 1])
    }
}

/// A set of days as cron's last field has it.
enum CronDays {
    static func text(_ days: UInt8) -> String {
        // Bit 0 is Monday; cron's 1 is Monday and its 0 Sunday.
        (0..<7).filter { days >> UInt8($0) & 1 == 1 }.map { "\(($0 + 1) % 7)" }.joined(separator: ",")
    }
}

extension String {
    /// Without the quotes that people copy from documentation.
    fileprivate var trimmingQuotes: String {
        var text = Substring(self)
        while let first = text.first, first == "'" || first == "\"" || first == " " { text = text.dropFirst() }
        while let last = text.last, last == "'" || last == "\"" || last == " " { text = text.dropLast() }
        return String(text)
    }
}
