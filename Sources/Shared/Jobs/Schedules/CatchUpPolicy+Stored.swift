import Calendar

/// The forms in which the table, the API and the command line know the policy: a word and a number.
extension CatchUpPolicy {
    package var word: String {
        switch self {
        case .skip: "skip"
        case .latest: "latest"
        case .all: "all"
        case .within: "within"
        }
    }

    /// Fires for `all`, seconds for `within`.
    package var bound: Int64 {
        switch self {
        case .skip, .latest: 0
        case .all(let limit): Int64(limit)
        case .within(let seconds): seconds
        }
    }

    package init?(word: String, bound: Int64) {
        switch word {
        case "skip": self = .skip
        case "latest": self = .latest
        case "all": self = .all(limit: Int(bound))
        case "within": self = .within(seconds: bound)
        default: return nil
        }
    }

    /// `skip`, `latest`, `all:N` or `within:SECONDS`.
    package var text: String {
        switch self {
        case .skip, .latest: word
        case .all, .within: "\(word):\(bound)"
        }
    }

    /// Reads the policy; nil for what is none.
    ///
    /// What is too much is for the store to say.
    package init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let needsBound = ["all", "within"].contains(parts[0])
        guard needsBound == (parts.count == 2) else { return nil }
        let bound = needsBound ? Int64(parts[1]).flatMap { (0...1_000_000_000).contains($0) ? $0 : nil } : 0
        guard let bound else { return nil }
        self.init(word: String(parts[0]), bound: bound)
    }
}
