package import Logging
import Synchronization

/// Connections to one database: shared ones that pipeline single statements, exclusive ones for transactions and COPY.
///
/// Connections are made when first needed; a pool whose server is away costs nothing but the refusals.
package final class PostgresPool: Sendable {
    /// A look at how busy the pool is.
    package struct Statistics: Sendable, Equatable {
        package let sharedConnections: Int
        package let exclusiveConnections: Int
        /// Exclusive connections that a transaction or a COPY holds.
        package let inUse: Int
        /// Callers that wait for an exclusive connection.
        package let waiting: Int
        /// Single statements that wait or are under way.
        package let statements: Int
    }

    private let configuration: PostgresConfiguration
    private let shared: [PostgresConnection]
    private let exclusive: [PostgresConnection]
    private let leases: PostgresLeases
    private let turn = Atomic<Int>(0)

    /// Prepares a pool; nothing is connected yet.
    ///
    /// `size` counts the connections, at least two; half of them, rounded up, serve single statements. `queueLimit`
    /// statements may wait, and as many callers for an exclusive connection; further ones are refused as overloaded.
    ///
    /// - Throws: When the process has no file descriptors left.
    package init(
        configuration: PostgresConfiguration,
        size: Int = 8,
        queueLimit: Int = 4_096,
        logger: Logger
    ) throws(PostgresError) {
        let size = max(2, size)
        let sharedCount = (size + 1) / 2
        var connections: [PostgresConnection] = []
        for index in 0..<size {
            connections.append(
                try PostgresConnection(
                    configuration: configuration,
                    queueLimit: max(1, queueLimit / sharedCount),
                    logger: logger,
                    name: "postgres-\(index)"
                )
            )
        }
        self.configuration = configuration
        self.shared = Array(connections.prefix(sharedCount))
        self.exclusive = Array(connections.dropFirst(sharedCount))
        self.leases = PostgresLeases(count: exclusive.count, queueLimit: queueLimit)
    }

    /// Runs one statement, in a transaction of its own, on the least busy shared connection.
    ///
    /// Statements of many callers travel together; a failing one leaves its neighbours alone. Never send `BEGIN` or
    /// `SET` this way: use ``transaction(waitingAtMost:_:)``.
    ///
    /// The caller waits until the deadline, by default the statement timeout plus two seconds; when it passes while
    /// the statement runs, the server is asked to cancel it. A longer deadline does not extend the server's timeout.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try await leastBusy().query(sql, parameters, deadline: deadline)
    }

    /// Runs `body` in a transaction on a connection of its own; commits when it returns, rolls back when it throws or
    /// the caller is cancelled.
    ///
    /// - Throws: What `body` throws; ``PostgresError`` for what the database refuses. A
    ///   ``PostgresError/Code/connectionLost`` from the commit leaves it open whether the work was done.
    package func transaction<T: Sendable>(
        waitingAtMost: Duration = .seconds(10),
        _ body: @Sendable (PostgresTransaction) async throws -> T
    ) async throws -> T {
        let index = try await leases.acquire(within: waitingAtMost)
        defer { leases.release(index) }
        return try await exclusive[index].transaction(body)
    }

    /// Streams rows into a table with one binary COPY: all of them are stored, or none.
    ///
    /// `write` runs on the connection's thread, so it may compute but must not wait. `table` is `name` or
    /// `schema.name` as it stands in the catalogue, so case matters. The deadline holds for the whole COPY, on both
    /// sides.
    ///
    /// - Returns: How many rows were stored.
    /// - Throws: What `write` throws; ``PostgresError`` otherwise.
    @discardableResult
    package func copyIn(
        into table: String,
        columns: [String],
        deadline: Duration = .seconds(600),
        waitingAtMost: Duration = .seconds(10),
        _ write: @escaping @Sendable (inout PostgresCopyWriter) throws -> Void
    ) async throws -> Int {
        let index = try await leases.acquire(within: waitingAtMost)
        defer { leases.release(index) }
        return try await exclusive[index].copyIn(
            into: table,
            columns: columns,
            deadline: deadline,
            generation: nil,
            write
        )
    }

    /// Waits until the server answers.
    ///
    /// - Throws: The last failure when the time is over; at once when trying again cannot help.
    package func waitUntilReady(timeout: Duration) async throws {
        let end = ContinuousClock.now + timeout
        // Why connecting failed says more than that the time is over.
        var reason: PostgresError?
        while true {
            do {
                _ = try await query("SELECT 1", deadline: max(.milliseconds(1), end - .now))
                return
            } catch {
                if error.code == .connectionFailed { reason = error }
                guard error.isRetryable, end > .now else { throw reason ?? error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Refuses new work, lets what is under way finish, and ends every connection and thread.
    ///
    /// - Parameter grace: After this, what is not done fails as closed.
    package func shutdown(grace: Duration = .seconds(5)) async {
        let end = ContinuousClock.now + grace
        await leases.close(by: end)
        await withTaskGroup { group in
            for connection in shared + exclusive {
                group.addTask { await connection.shutdown(grace: end - .now) }
            }
        }
    }

    /// How busy the pool is now.
    package var statistics: Statistics {
        let (inUse, waiting) = leases.load
        return Statistics(
            sharedConnections: shared.count,
            exclusiveConnections: exclusive.count,
            inUse: inUse,
            waiting: waiting,
            statements: shared.reduce(0) { $0 + $1.mailbox.currentLoad }
        )
    }

    /// The connection with the fewest statements, avoiding those that cannot connect; ties take turns.
    private func leastBusy() -> PostgresConnection {
        let start = turn.wrappingAdd(1, ordering: .relaxed).newValue & .max
        var best = shared[start % shared.count]
        var bestLoad = Int.max
        for offset in 0..<shared.count {
            let candidate = shared[(start + offset) % shared.count]
            let load = candidate.mailbox.currentLoad + (candidate.mailbox.isDown ? 1 << 32 : 0)
            if load < bestLoad { (best, bestLoad) = (candidate, load) }
            if load == 0 { break }
        }
        return best
    }
}
