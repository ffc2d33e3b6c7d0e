private import FoundationEssentials

extension RedisConfiguration {
    /// Reads `redis://user:password@host:port/database` or `unix:///path/to/socket?db=0`.
    ///
    /// Reserved characters in the user and the password are percent-encoded, as in every URL.
    ///
    /// - Throws: `invalidConfiguration`; its message names the part that is wrong and never repeats the URL.
    package init(url: String) throws(RedisError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else {
            throw Self.invalid("is not a URL; write redis://user:password@host:port/database")
        }
        switch scheme {
        case "redis":
            guard let host = parts.host, !host.isEmpty else { throw Self.invalid("names no host") }
            guard parts.query == nil, parts.fragment == nil else {
                throw Self.invalid("has a query or a fragment; percent-encode ? and # in the password")
            }
            let port = parts.port ?? 6379
            guard (1...65_535).contains(port) else { throw Self.invalid("has a port outside 1–65535") }
            // A literal IPv6 address stands in brackets in a URL and without them everywhere else.
            let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            self.init(endpoint: .tcp(host: bare, port: port))
            database = try Self.database(parts.path.drop { $0 == "/" })
        case "unix":
            guard parts.path.count > 1, parts.host?.isEmpty ?? true else {
                throw Self.invalid("names no absolute socket path; write unix:///path/to/socket")
            }
            // sun_path holds 108 bytes, the terminating zero among them.
            guard parts.path.utf8.count < 108 else { throw Self.invalid("has a socket path over 107 bytes") }
            self.init(endpoint: .unix(path: parts.path))
            database = try Self.database(Substring(parts.queryItems?.first { $0.name == "db" }?.value ?? ""))
        case "rediss":
            throw Self.invalid(
                "asks for TLS, which this client does not speak; "
                    + "run a local TLS proxy (stunnel) to the server and give its address as redis://"
            )
        default:
            throw Self.invalid("has an unknown scheme; use redis:// or unix://")
        }
        username = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        password = parts.password.flatMap { $0.isEmpty ? nil : $0 }
        guard username == nil || password != nil else {
            throw Self.invalid("names a user without a password; write redis://:password@host for a password alone")
        }
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        if text.isEmpty { return 0 }
        guard let number = Int(text), number >= 0 else {
            throw invalid("has a database that is not a number from 0 up")
        }
        return number
    }

    private static func invalid(_ what: String) -> RedisError {
        RedisError(.invalidConfiguration, "the Redis URL \(what)")
    }
}
