extension PostgresError {
    /// The field codes of libpq, which are character literals in C and so invisible to Swift.
    private enum Field {
        static let sqlState = Int32(UInt8(ascii: "C"))
        static let message = Int32(UInt8(ascii: "M"))
        static let constraint = Int32(UInt8(ascii: "n"))
        static let table = Int32(UInt8(ascii: "t"))
        static let column = Int32(UInt8(ascii: "c"))
        static let sourceFunction = Int32(UInt8(ascii: "R"))
    }

    /// Reads what the server reported, leaving out detail and context, which quote rows and parameters.
    init(diagnostics: (Int32) -> String?, fallback: String) {
        guard let state = diagnostics(Field.sqlState) else {
            // libpq's own report: the server never said anything.
            self.init(.connectionLost, Self.singleLine(fallback))
            return
        }
        var message = Self.withoutValues(diagnostics(Field.message) ?? "no message", sqlState: state)
        for (label, field) in [("table", Field.table), ("column", Field.column), ("constraint", Field.constraint)] {
            if let name = diagnostics(field), !message.contains(name) { message += ", \(label) \(name)" }
        }
        let code: Code =
            switch state {
            case "57014": .cancelled
            case "57P01", "57P02", "57P03": .connectionLost
            case _ where state.hasPrefix("08"): .connectionLost
            default: .server
            }
        // The name of the reporting function is stable and not translated, unlike the message.
        let stalePlan = state == "0A000" && diagnostics(Field.sourceFunction) == "RevalidateCachedQuery"
        self.init(
            code,
            message,
            sqlState: state,
            constraint: diagnostics(Field.constraint),
            invalidatesStatement: state == "26000" || stalePlan
        )
    }

    /// Data exceptions (class 22) quote the offending value in the message itself; it is cut out, from the first
    /// quotation mark to the last, because the value may hold quotation marks of its own.
    static func withoutValues(_ message: String, sqlState: String) -> String {
        let line = singleLine(message)
        guard sqlState.hasPrefix("22"),
            let first = line.firstIndex(of: "\""), let last = line.lastIndex(of: "\""), first < last
        else { return line }
        return line[..<first] + "\"…\"" + line[line.index(after: last)...]
    }

    /// One line, so that a report does not tear a log apart.
    static func singleLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.drop { $0.isWhitespace } }.joined(separator: "; ")
    }
}
