import Synchronization

/// An open transaction on a connection of its own; valid only inside the closure that received it.
package final class PostgresTransaction: Sendable {
    private let connection: PostgresConnection
    private let generation: UInt64
    private let isOpen = Atomic<Bool>(true)

    init(connection: PostgresConnection, generation: UInt64) {
        self.connection = connection
        self.generation = generation
    }

    /// Runs one statement of the transaction.
    ///
    /// After a failure the server refuses everything but a rollback; use a savepoint where a failure is expected.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> PostgresRows {
        try ensureOpen()
        return try await connection.run(sql, parameters, deadline: deadline, generation: generation).rows
    }

    /// Streams rows into a table as part of the transaction; see ``PostgresPool/copyIn(into:columns:deadline:_:)``.
    ///
    /// - Returns: How many rows were stored.
    @discardableResult
    package func copyIn(
        into table: String,
        columns: [String],
        deadline: Duration = .seconds(600),
        _ write: @escaping @Sendable (inout PostgresCopyWriter) throws -> Void
    ) async throws -> Int {
        try ensureOpen()
        return try await connection.copyIn(
            into: table,
            columns: columns,
            deadline: deadline,
            generation: generation,
            write
        )
    }

    func close() { isOpen.store(false, ordering: .relaxed) }

    private func ensureOpen() throws(PostgresError) {
        guard isOpen.load(ordering: .relaxed) else {
            throw PostgresError(.closed, "the transaction has ended; nothing was run")
        }
    }
}

extension PostgresConnection {
    nonisolated func copyIn(
        into table: String,
        columns: [String],
        deadline: Duration,
        generation: UInt64?,
        _ write: @escaping @Sendable (inout PostgresCopyWriter) throws -> Void
    ) async throws -> Int {
        guard !columns.isEmpty, columns.count <= Int(Int16.max) else {
            throw PostgresError(.invalidParameter, "COPY needs 1 to \(Int16.max) columns")
        }
        let copy = PostgresCopy(table: table, columns: columns, timeout: deadline, write: write)
        try PostgresLink.validate(copy.tableName + copy.columnList)
        let request = PostgresRequest(.copy(copy), deadline: .now + deadline, generation: generation)
        do {
            return try await perform(request).rows.affected
        } catch {
            throw copy.failure.withLock { $0 } ?? error
        }
    }

    /// Runs `body` between BEGIN and COMMIT; nobody else may use this connection meanwhile.
    nonisolated func transaction<T: Sendable>(
        _ body: @Sendable (PostgresTransaction) async throws -> T
    ) async throws -> T {
        try Task.checkCancellation()
        // Should a BEGIN be given up after it was sent, the connection notices the open transaction before its next use.
        let generation = try await run("BEGIN", deadline: nil, generation: nil, heedsCancellation: false).generation
        let transaction = PostgresTransaction(connection: self, generation: generation)
        do {
            let value = try await body(transaction)
            transaction.close()
            try Task.checkCancellation()
            let end = try await run("COMMIT", deadline: nil, generation: generation, heedsCancellation: false)
            // A statement failed and the body went on: the server then answers COMMIT with ROLLBACK, not with an error.
            guard end.rows.command == "COMMIT" else {
                throw PostgresError(
                    .server,
                    "the transaction was rolled back because one of its statements had failed",
                    sqlState: "25P02"
                )
            }
            return value
        } catch {
            transaction.close()
            await rollBack(generation)
            throw error
        }
    }

    /// Never fails: a connection that cannot even roll back is given up, which does the same.
    private nonisolated func rollBack(_ generation: UInt64) async {
        _ = try? await run(
            "ROLLBACK",
            deadline: PostgresConfiguration.grace,
            generation: generation,
            heedsCancellation: false
        )
    }
}
