package import Logging
private import Synchronization

/// One or more connections to the same server, used in turn.
package final class RedisClient: RedisCommanding {
    private let connections: [RedisConnection]
    private let turn = Atomic<Int>(0)

    /// Opens nothing yet: each connection connects with its first command.
    ///
    /// One connection carries some hundred thousand small commands a second; a second one keeps large
    ///   replies from delaying small ones.
    package init(
        configuration: RedisConfiguration,
        connections count: Int = 1,
        logger: Logger = Logger(label: "redis")
    ) {
        connections = (0..<max(1, count)).map { index in
            RedisConnection(configuration: configuration, name: "redis-\(index)", logger: logger)
        }
    }

    package func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue {
        try await next().send(command)
    }

    package func send(pipeline: [RedisCommand]) async throws(RedisError) -> [RedisValue] {
        try await next().send(pipeline: pipeline)
    }

    /// Ends all connections and their threads.
    package func shutdown() async {
        for connection in connections { await connection.shutdown() }
    }

    /// The next connection in turn, passing over those that back off while another does not.
    private func next() -> RedisConnection {
        let start = turn.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max
        for step in 0..<connections.count {
            let connection = connections[(start + step) % connections.count]
            if connection.isReady { return connection }
        }
        return connections[start % connections.count]
    }
}
