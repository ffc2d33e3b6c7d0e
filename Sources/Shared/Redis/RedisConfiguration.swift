/// Where a Redis server is, who we are there, and how long we wait for it.
package struct RedisConfiguration: Sendable, Equatable {
    /// A place where a server listens.
    package enum Endpoint: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package var endpoint: Endpoint
    /// The ACL user; nil means the user `default`.
    package var username: String?
    package var password: String?
    package var database: Int
    /// For the whole way to a usable connection: socket, AUTH, SELECT.
    package var connectTimeout: Duration
    /// From a caller's `send` to its answer, waiting in the queue included.
    package var commandTimeout: Duration
    /// Shown by `CLIENT LIST`.
    ///
    /// Characters that Redis refuses in a name are replaced.
    package var clientName: String?
    /// Commands that may wait for one connection; further ones are refused as overloaded.
    package var queueLimit: Int

    package init(
        endpoint: Endpoint,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0,
        connectTimeout: Duration = .seconds(3),
        commandTimeout: Duration = .seconds(5),
        clientName: String? = nil,
        queueLimit: Int = 16_384  // a tenth of a second of work for one connection
    ) {
        self.endpoint = endpoint
        self.username = username
        self.password = password
        self.database = database
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.clientName = clientName
        self.queueLimit = queueLimit
    }

    package init(host: String = "127.0.0.1", port: Int = 6379, username: String? = nil, password: String? = nil) {
        self.init(endpoint: .tcp(host: host, port: port), username: username, password: password)
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address and database, without the credentials.
    package var description: String {
        switch endpoint {
        case .tcp(let host, let port): "\(host):\(port)/\(database)"
        case .unix(let path): "\(path)/\(database)"
        }
    }

    package var debugDescription: String { description }

    /// Keeps `dump` and failed test expectations from printing the password.
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
