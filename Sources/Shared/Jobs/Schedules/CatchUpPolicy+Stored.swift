import Calendar

/// The form in which the table and the command line know the policy: a word and a number.
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
}
