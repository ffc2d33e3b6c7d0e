/// AWS region and zone names, by their form alone.
package enum RegionName {
    /// True for names of the form `us-east-1`, `us-gov-west-1` or `us-isob-east-1`.
    package static func isWellFormed(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (3...5).contains(parts.count), text.utf8.count <= 32, (2...4).contains(parts[0].count) else {
            return false
        }
        let number = parts[parts.count - 1]
        return (1...2).contains(number.count) && number.allSatisfy { (0x30...0x39).contains($0) }
            && parts.dropLast().allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x61...0x7A).contains($0) } }
    }

    /// The region of a zone such as `us-east-1a`; local zones (`us-east-1-bos-1a`) belong to their parent.
    package static func region(ofZone zone: String) -> String? {
        let parts = zone.split(separator: "-", omittingEmptySubsequences: false)
        var taken: [Substring] = []
        for part in parts {
            let digits = part.prefix { $0.isASCII && $0.isNumber }
            if !digits.isEmpty {
                taken.append(digits)
                break
            }
            taken.append(part)
        }
        let name = taken.joined(separator: "-")
        return isWellFormed(name) && zone != name ? name : nil
    }

    /// The known names closest to a misspelt one, closest first.
    package static func nearest(to text: String, in known: [String], limit: Int = 3) -> [String] {
        let wanted = Array(text.lowercased().utf8.prefix(64))
        return known.map { (distance(wanted, Array($0.utf8)), $0) }.sorted { $0 < $1 }.prefix(limit).map(\.1)
    }

    /// Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let substitution = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substitution, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
