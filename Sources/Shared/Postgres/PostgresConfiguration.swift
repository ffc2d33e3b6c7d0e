/// Where a PostgreSQL server is and how patient to be with it.
package struct PostgresConfiguration: Sendable {
    /// A host name, an address, or the folder of a Unix socket.
    package var host: String
    package var port: Int
    package var database: String
    package var user: String
    package var password: String?
    /// What PostgreSQL shows as the session's `application_name`.
    package var applicationName: String
    /// How long making a connection may take, name resolution included.
    package var connectTimeout: Duration
    /// How long one statement may run.
    ///
    /// The server enforces it; this side allows two seconds more.
    package var statementTimeout: Duration
    /// Further libpq parameters, such as `sslmode` and `sslrootcert`, passed on as they are.
    package var parameters: [String: String]

    package init(
        host: String = "127.0.0.1",
        port: Int = 5432,
        database: String,
        user: String,
        password: String? = nil,
        applicationName: String = "cloudoptim",
        connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30),
        parameters: [String: String] = [:]
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.parameters = parameters
    }

    /// How much longer this side waits than the server: the answer must travel, and a cancel request be heard.
    static let grace: Duration = .seconds(2)

    /// How long a caller waits who names no deadline.
    var defaultDeadline: Duration { statementTimeout + Self.grace }

    /// What libpq is given; the caller's own ``parameters`` win.
    var libpqParameters: [String: String] {
        var result = [
            "host": host, "port": String(port), "dbname": database, "user": user,
            "application_name": applicationName, "client_encoding": "UTF8",
            // A peer that vanished is noticed after 10 + 3 × 5 idle seconds, or 15 s after unanswered data.
            "keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            "tcp_user_timeout": "15000",
            // Kerberos negotiation can block on name servers; who wants it says so.
            "gssencmode": "disable",
        ]
        if let password { result["password"] = password }
        result.merge(parameters) { _, given in given }
        let timeout = "-c statement_timeout=\(max(1, statementTimeout.wholeMilliseconds))"
        result["options"] = parameters["options"].map { "\(timeout) \($0)" } ?? timeout
        return result
    }

    /// A message without the password, should a library ever quote it.
    func redacted(_ message: String) -> String {
        let line = PostgresError.singleLine(message)
        guard let password, !password.isEmpty, line.contains(password) else { return line }
        return line.split(separator: password, omittingEmptySubsequences: false).joined(separator: "…")
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where the server is; never the password.
    package var description: String { "\(user)@\(host):\(port)/\(database)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}
