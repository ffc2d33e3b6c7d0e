import Contract
package import FoundationEssentials
import Postgres

extension ModelStore {
    /// Serialises all moves: they are rare, and their order then needs no thought.
    private static let lock: Int64 = 0x636C_6F75_646D_6F64  // "cloudmod"

    /// Points an alias to a model.
    ///
    /// - Parameters:
    ///   - alias: ``ModelAlias/active``, another of its names, or one of the caller's own.
    ///   - id: A model that is ready.
    ///   - share: 0 to 1: of a canary's requests.
    ///   - key: Who moves it.
    /// - Returns: What it pointed to before.
    /// - Throws: ``RegistryError/notReady(_:)``, ``RegistryError/failsSample(_:)``, ``RegistryError/unknown``.
    package func point(_ alias: String, to id: UUID, share: Double = 1, by key: String) async throws -> UUID? {
        try await exclusively { transaction in
            guard let record = try await Self.locked(transaction, id) else { throw RegistryError.unknown }
            guard record.state == .ready else { throw RegistryError.notReady(record.state.rawValue) }
            try Self.requireSample(record)
            let previous = try await Self.target(transaction, record.type, alias)?.model
            try await Self.set(transaction, record.type, alias, id, share: share)
            if previous != id {
                try await Self.note(transaction, record.type, alias, id, previous: previous, by: key, isRollback: false)
            }
            return previous
        }
    }

    /// Removes an alias.
    ///
    /// - Returns: What it pointed to; nil when there was none.
    package func remove(_ alias: String, of type: ModelType, by key: String) async throws -> UUID? {
        try await exclusively { transaction in
            let rows = try await transaction.query(
                "DELETE FROM model_alias WHERE model_type = $1 AND alias = $2 RETURNING model_id",
                [.text(type.rawValue), .text(alias)]
            )
            guard let previous: UUID = try rows.first?.get(0) else { return nil }
            try await Self.note(transaction, type, alias, nil, previous: previous, by: key, isRollback: false)
            return previous
        }
    }

    /// Points an alias to what it pointed to before its latest move; a second time goes forward again.
    ///
    /// - Returns: What it points to now, and what it pointed to.
    /// - Throws: ``RegistryError/nothingBefore`` when it never pointed elsewhere, or that model is gone.
    package func rollBack(_ alias: String, of type: ModelType, by key: String) async throws -> (
        now: UUID, previous: UUID?
    ) {
        try await exclusively { transaction in
            let rows = try await transaction.query(
                """
                SELECT c.previous, c.model_id FROM model_alias_change c
                WHERE c.model_type = $1 AND c.alias = $2 ORDER BY c.change_id DESC LIMIT 1
                """,
                [.text(type.rawValue), .text(alias)]
            )
            guard let target: UUID = try rows.first?.get(0, as: UUID?.self),
                let record = try await Self.locked(transaction, target), record.state == .ready
            else { throw RegistryError.nothingBefore }
            try Self.requireSample(record)
            let before = try await Self.target(transaction, type, alias)
            // A canary stays one: only what answers is exchanged.
            try await Self.set(transaction, type, alias, target, share: before?.share ?? 1)
            try await Self.note(transaction, type, alias, target, previous: before?.model, by: key, isRollback: true)
            return (target, before?.model)
        }
    }

    /// What all aliases point to.
    package func aliases() async throws -> [ModelAlias] {
        try await pool.query("SELECT model_type, alias, model_id, share FROM model_alias ORDER BY 1, 2").compactMap {
            row in
            guard let type = ModelType(rawValue: try row.get(0)) else { return nil }
            return ModelAlias(type: type, name: try row.get(1), model: try row.get(2), share: try row.get(3))
        }
    }

    /// The moves of an alias, newest first.
    package func changes(of alias: String, _ type: ModelType, limit: Int) async throws -> [ModelAliasChange] {
        try await pool.query(
            """
            SELECT model_id, previous, changed_at, changed_by, is_rollback FROM model_alias_change
            WHERE model_type = $1 AND alias = $2 ORDER BY change_id DESC LIMIT $3
            """,
            [.text(type.rawValue), .text(alias), PostgresValue(limit)]
        ).map { row in
            ModelAliasChange(
                type: type,
                alias: alias,
                model: try row.get(0),
                previous: try row.get(1),
                at: try row.get(2),
                by: try row.get(3),
                isRollback: try row.get(4)
            )
        }
    }

    /// Whether a model has answered for its type at any time.
    package func wasActive(_ record: ModelRecord) async throws -> Bool {
        try await pool.query(
            "SELECT EXISTS (SELECT FROM model_alias_change WHERE model_type = $1 AND alias = 'active' AND model_id = $2)",
            [.text(record.type.rawValue), .uuid(record.id)]
        ).one().get(0)
    }

    // MARK: Steps

    private func exclusively<Value: Sendable>(
        _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await pool.transaction { transaction in
            try await transaction.query("SELECT pg_advisory_xact_lock($1)", [.int(Self.lock)])
            return try await body(transaction)
        }
    }

    /// A model that does not answer as where it was trained is not used.
    private static func requireSample(_ record: ModelRecord) throws {
        guard let golden = record.description?["golden_sample"], golden["passed"]?.bool == false else { return }
        throw RegistryError.failsSample(golden["message"]?.string ?? "no message")
    }

    private static func target(
        _ transaction: PostgresTransaction,
        _ type: ModelType,
        _ alias: String
    ) async throws -> (model: UUID, share: Double)? {
        try await transaction.query(
            "SELECT model_id, share FROM model_alias WHERE model_type = $1 AND alias = $2",
            [.text(type.rawValue), .text(alias)]
        ).first.map { (try $0.get(0), try $0.get(1)) }
    }

    private static func set(
        _ transaction: PostgresTransaction,
        _ type: ModelType,
        _ alias: String,
        _ id: UUID,
        share: Double
    ) async throws {
        try await transaction.query(
            """
            INSERT INTO model_alias (model_type, alias, model_id, share) VALUES ($1, $2, $3, $4)
            ON CONFLICT (model_type, alias) DO UPDATE
                SET model_id = excluded.model_id, share = excluded.share, changed_at = now()
            """,
            [.text(type.rawValue), .text(alias), .uuid(id), .double(share)]
        )
    }

    private static func note(
        _ transaction: PostgresTransaction,
        _ type: ModelType,
        _ alias: String,
        _ id: UUID?,
        previous: UUID?,
        by key: String,
        isRollback: Bool
    ) async throws {
        try await transaction.query(
            """
            INSERT INTO model_alias_change (model_type, alias, model_id, previous, changed_by, is_rollback)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .text(type.rawValue), .text(alias), PostgresValue(id), PostgresValue(previous), .text(key),
                .bool(isRollback),
            ]
        )
    }
}
