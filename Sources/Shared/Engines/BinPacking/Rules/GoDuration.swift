/// Durations as Go writes them: `90s`, `1h30m`, `1.5h`.
enum GoDuration {
    private static let units: [(String, Double)] = [
        ("ms", 1), ("us", 0.001), ("ns", 0.000_001), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ]
    /// A century; more is no wish but a mistake, and no sum may pass 64 bits.
    private static let longest = 3_155_760_000_000.0

    /// Milliseconds; nothing when the text is no duration.
    static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text)
        var sum = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), number.isFinite else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return nil }
            rest = rest.dropFirst(unit.0.count)
            sum += number * unit.1
        }
        return Int64(min(sum, longest))
    }
}
