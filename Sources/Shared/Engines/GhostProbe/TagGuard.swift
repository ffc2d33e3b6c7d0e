import Contract

/// Tags by which people keep engines away from what is theirs: `key` or `key:value`, whatever the case.
struct TagGuard: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        var key: String
        /// Any value when nothing.
        var value: String?
    }

    /// The keys hold colons themselves, so a rule is compared as a whole first and split at its last colon only then.
    private let rules: [Rule]
    private let keys: Set<String>
    /// Lengths of the keys as bits: most tags differ in that already, which spares making them small.
    private let lengths: UInt64

    static let standard = ["cloudoptim:ignore", "cloudoptim:keep"]

    init(_ texts: [String]) {
        var rules: [Rule] = []
        for text in Set(texts.map { $0.lowercased() }).sorted() {
            rules.append(Rule(key: text, value: nil))
            if let colon = text.lastIndex(of: ":") {
                rules.append(Rule(key: String(text[..<colon]), value: String(text[text.index(after: colon)...])))
            }
        }
        self.rules = rules
        keys = Set(rules.map(\.key))
        lengths = keys.reduce(0) { $0 | 1 << UInt64($1.utf8.count & 63) }
    }

    /// The first tag that keeps us away, as `key=value`; a value that says no does not.
    func match(_ tags: Labels) -> String? {
        for tag in tags where mayMatch(tag.key) {
            let key = tag.key.lowercased()
            guard keys.contains(key) else { continue }
            let value = tag.value.lowercased()
            for rule in rules where rule.key == key {
                if rule.value.map({ $0 == value }) ?? !Self.saysNo(value) { return "\(tag.key)=\(tag.value)" }
            }
        }
        return nil
    }

    /// Small letters of other scripts may be longer or shorter than their capitals, so only ASCII is told by its length.
    private func mayMatch(_ key: String) -> Bool {
        lengths >> UInt64(key.utf8.count & 63) & 1 == 1 || !key.utf8.allSatisfy { $0 < 0x80 }
    }

    static func saysNo(_ value: String) -> Bool { ["false", "no", "off", "0"].contains(value) }
}
