/// Why a server refused a connection, out of libpq's verbose text: the only form in which it tells the SQLSTATE.
///
/// Such as `connection to server at "db" (10.0.0.7), port 5432 failed: FATAL:  28P01: password authentication failed for
/// user "ml"`, followed by a line with the place in the server's source. Severity and the word for the place are translated.
struct ServerRefusal: Equatable {
    /// The text without the state and the place.
    let message: String
    /// nil when no server spoke: nobody listens, or the name is unknown.
    let sqlState: String?

    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var found: String?
        for index in lines.indices {
            guard let state = Self.state(in: lines[index]) else { continue }
            found = String(state)
            lines[index].removeSubrange(state.startIndex..<lines[index].index(state.endIndex, offsetBy: 2))
        }
        // A server that speaks tells its own file and line last; nobody's remedy is there.
        if found != nil { lines.removeAll { $0.contains(".c:") } }
        message = lines.joined(separator: "\n")
        sqlState = found
    }

    /// The five characters between two spaces and a colon with another.
    private static func state(in line: Substring) -> Substring? {
        var rest = line
        while let gap = rest.firstRange(of: ":  ") {
            let after = rest[gap.upperBound...]
            let state = after.prefix(5)
            if state.count == 5, state.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) }),
                after.dropFirst(5).hasPrefix(": ")
            {
                return state
            }
            rest = after
        }
        return nil
    }
}
