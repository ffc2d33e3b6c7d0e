package import Postgres

/// Prices, interruption rates and the catalogue in PostgreSQL.
///
/// Every write is one transaction under one advisory lock: concurrent fetches follow each other, repeating one
/// changes nothing, and a process that dies midway leaves what was there before.
package struct PriceStore: Sendable {
    let pool: PostgresPool
    /// Told of every change after its commit.
    let onChange: @Sendable (PriceChange) async -> Void

    /// `onChange` is told of every change after its commit: what others keep of these prices is then out of date.
    package init(pool: PostgresPool, onChange: @escaping @Sendable (PriceChange) async -> Void = { _ in }) {
        self.pool = pool
        self.onChange = onChange
    }

    /// What a write did.
    package struct WriteOutcome: Sendable, Equatable {
        /// The data version after the write.
        package var version: Int64
        /// False when the same data were there already; the version then stands still.
        package var changed: Bool
        /// Rows of this kind now stored.
        package var rows: Int
    }

    /// Serialises all writers of prices: fetches are rare, and their order then needs no thought.
    private static let lock: Int64 = 0x636C_6F75_6470_7263  // "cloudprc"

    /// Runs one write under the lock.
    ///
    /// - Throws: ``PricingError``: the body's own, else `store`.
    func write<Value: Sendable>(
        _ what: String,
        _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws(PricingError) -> Value {
        try await inTransaction(what) { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", [.int(Self.lock)])
            return try await body(transaction)
        }
    }

    func inTransaction<Value: Sendable>(
        _ what: String,
        _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws(PricingError) -> Value {
        do {
            return try await pool.transaction(body)
        } catch let error as PricingError {
            throw error
        } catch is CancellationError {
            throw PricingError(.cancelled, "cancelled; nothing was changed", in: what)
        } catch {
            throw PricingError(.store, "not done; nothing was changed", in: what, cause: error)
        }
    }

    func read(_ what: String, _ sql: String, _ parameters: [PostgresValue] = []) async throws(PricingError)
        -> PostgresRows
    {
        do {
            return try await pool.query(sql, parameters)
        } catch {
            throw PricingError(.store, "not read", in: what, cause: error)
        }
    }

    /// Raises the data version; the last step of every write that changed something.
    static func bump(_ transaction: PostgresTransaction) async throws -> Int64 {
        try await transaction.query(
            "UPDATE price_data_version SET version = version + 1, changed_at = now() RETURNING version"
        ).one().get("version")
    }

    static func version(_ transaction: PostgresTransaction) async throws -> Int64 {
        try await transaction.query("SELECT version FROM price_data_version").one().get("version")
    }
}
