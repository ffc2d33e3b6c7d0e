import Contract

/// Tells production from the rest, by labels and names: where it may be production, nothing is put to sleep.
enum EnvironmentGuard {
    /// Labels and annotations that name an environment, in the order they are asked.
    private static let keys = [
        "environment", "env", "app.kubernetes.io/environment", "cloudoptim.io/environment", "stage", "env-name",
        "environment-name", "tags.datadoghq.com/env",
    ]
    /// Words before `prod` that turn it into its opposite.
    private static let negations: Set<Substring> = ["non", "not", "no", "pre"]

    static func environment(in labels: Labels) -> String? {
        guard !labels.isEmpty else { return nil }
        for key in keys {
            if let value = labels[key], !value.isEmpty { return value }
        }
        return nil
    }

    /// Whether a name or label means production: `prod`, `production`, `prod-eu`, `eks-prod2`, `live`, but neither
    /// `nonprod` nor `pre-prod` nor `product-catalog`.
    static func isProduction(_ text: String) -> Bool {
        guard text.utf8.count >= 3, mayMean(text) else { return false }
        var previous: Substring = ""
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
            if means(word), !negations.contains(previous) { return true }
            previous = word
        }
        return false
    }

    /// Whether the bytes hold `prd`, `prod` or `live` at all, whatever the case: most names do not.
    private static func mayMean(_ text: String) -> Bool {
        var last: UInt32 = 0
        for byte in text.utf8 {
            // Text beyond ASCII is left to the slow way.
            if byte >= 0x80 { return true }
            last = last << 8 | UInt32(byte | 0x20)
            if last & 0xFF_FFFF == 0x70_7264 || last == 0x7072_6F64 || last == 0x6C69_7665 { return true }
        }
        return false
    }

    private static func means(_ word: Substring) -> Bool {
        let letters = word.drop { $0.isNumber }
        let stem = letters.prefix { $0.isLetter }
        if stem == "prd" || stem == "live" || stem.hasPrefix("production") { return true }
        // product, producer, produce: none of them is an environment.
        if stem.hasPrefix("prod") { return !stem.hasPrefix("produ") || stem == "produs" }
        guard stem.hasSuffix("prod") || stem.hasSuffix("production") else { return false }
        let front = stem.hasSuffix("prod") ? stem.dropLast(4) : stem.dropLast(10)
        return !negations.contains(where: { front.hasSuffix($0) })
    }
}
