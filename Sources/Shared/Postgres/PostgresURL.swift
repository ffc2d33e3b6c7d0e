extension PostgresConfiguration {
    /// Reads `postgres://user:password@host:port/database?name=value&…`.
    ///
    /// Every part may be percent-encoded. `connect_timeout` (seconds), `statement_timeout` (milliseconds),
    /// `application_name` and `host` (for a socket folder) set the properties; other parameters go to libpq.
    ///
    /// - Throws: ``PostgresError/Code/invalidConfiguration``; the message never quotes the URL, which holds a password.
    package init(url: String) throws(PostgresError) {
        var rest = Substring(url)
        guard let scheme = ["postgres://", "postgresql://"].first(where: { rest.hasPrefix($0) }) else {
            throw Self.invalid("it must begin with postgres:// or postgresql://")
        }
        rest = rest.dropFirst(scheme.count)
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        rest = rest.prefix { $0 != "?" }
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] } ?? ""
        var authority = rest.prefix { $0 != "/" }

        var user = "postgres"
        var password: String?
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            authority = authority[authority.index(after: at)...]
            user = try Self.decoded(credentials[0], "user")
            if credentials.count == 2 { password = try Self.decoded(credentials[1], "password") }
        }
        let (host, port) = try Self.hostAndPort(authority)
        let database = try Self.decoded(path, "database")
        self.init(
            host: host,
            port: port,
            database: database.isEmpty ? user : database,
            user: user,
            password: password
        )
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], "parameter name")
            guard parts.count == 2 else { throw Self.invalid("a parameter has no value; write name=value") }
            try apply(name, try Self.decoded(parts[1], "value of a parameter"))
        }
    }

    private mutating func apply(_ name: String, _ value: String) throws(PostgresError) {
        switch name {
        case "host": host = value
        case "application_name": applicationName = value
        case "connect_timeout":
            guard let seconds = Int64(value), (1...3600).contains(seconds) else {
                throw Self.invalid("connect_timeout must be 1 to 3600 seconds")
            }
            connectTimeout = .seconds(seconds)
        case "statement_timeout":
            guard let milliseconds = Int64(value), (1...86_400_000).contains(milliseconds) else {
                throw Self.invalid("statement_timeout must be 1 to 86400000 milliseconds")
            }
            statementTimeout = .milliseconds(milliseconds)
        case "port", "dbname", "user", "password":
            throw Self.invalid("\(name) belongs before the question mark")
        default: parameters[name] = value
        }
    }

    private static func hostAndPort(_ text: Substring) throws(PostgresError) -> (String, Int) {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw invalid("the bracket of the address is not closed") }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("unexpected text after the address") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.contains(",") else { throw invalid("name one host; put a proxy before several") }
        var port = 5432
        if let portText, !portText.isEmpty {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw invalid("the port must be a number from 1 to 65535")
            }
            port = number
        }
        let decodedHost = try decoded(host, "host")
        return (decodedHost.isEmpty ? "127.0.0.1" : decodedHost, port)
    }

    private static func decoded(_ text: Substring, _ what: String) throws(PostgresError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                throw invalid("the \(what) has a percent sign without two hexadecimal digits; write %25 for it")
            }
            bytes.append(high << 4 | low)
        }
        guard let result = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw invalid("the \(what) is not UTF-8 text")
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func invalid(_ reason: String) -> PostgresError {
        PostgresError(.invalidConfiguration, "the database URL is wrong: \(reason)")
    }
}
