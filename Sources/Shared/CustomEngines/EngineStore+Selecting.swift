package import Contract
package import FoundationEssentials
import Postgres
import Scripts

extension EngineStore {
    /// Serialises all changes of what is in force: they are rare, and their order then needs no thought.
    private static let lock: Int64 = 0x636C_6F75_6465_6E67  // "cloudeng"

    /// Changes what an engine does, and the configuration it does it with.
    ///
    /// A new configuration gets the next version. Making an engine active or a shadow puts another one of its type out of
    /// that place.
    ///
    /// - Parameters:
    ///   - id: The engine.
    ///   - mode: What it shall do.
    ///   - config: Nil keeps the present one.
    ///   - key: Who asks.
    /// - Returns: The engine afterwards, and the one that decided before: nil for the built-in one.
    /// - Throws: ``EngineStoreError/untested`` unless the engine has passed its test with the configuration.
    package func select(
        _ id: UUID,
        mode: EngineMode,
        config: JSONObject?,
        by key: String
    ) async throws -> (engine: EngineRecord, previous: String?) {
        try await exclusively { transaction in
            guard let record = try await Self.locked(transaction, id) else { throw EngineStoreError.unknown }
            let type = record.engine.type
            let config = config ?? record.engine.config
            guard mode == .inactive || record.hasPassed(with: config) else { throw EngineStoreError.untested }
            let previous = try await Self.inForce(transaction, type)
            try await Self.setConfig(transaction, record, config, by: key)
            try await Self.setMode(transaction, record, mode)
            let after = try await Self.inForce(transaction, type)
            guard let changed = try await Self.locked(transaction, id) else { throw EngineStoreError.unknown }
            let configChanged = changed.engine.configVersion != record.engine.configVersion
            if previous != after || (mode == .active && configChanged) {
                try await Self.noteActivation(
                    transaction,
                    type,
                    engine: mode == .active ? changed : nil,
                    by: key,
                    isRollback: false,
                    replaces: try await Self.latest(transaction, type)?.id
                )
            }
            return (changed, previous?.uuidString.lowercased())
        }
    }

    /// Gives the decisions of a type back to the built-in engine.
    ///
    /// - Returns: The engine that decided before; nil when the built-in one did.
    package func selectBuiltin(_ type: DecisionType, by key: String) async throws -> String? {
        try await exclusively { transaction in
            guard let previous = try await Self.inForce(transaction, type) else { return nil }
            try await Self.clear(transaction, type, .active)
            try await Self.noteActivation(
                transaction,
                type,
                engine: nil,
                by: key,
                isRollback: false,
                replaces: try await Self.latest(transaction, type)?.id
            )
            return previous.uuidString.lowercased()
        }
    }

    /// Brings back what was in force before, with the configuration it had then; again and again goes further back.
    ///
    /// - Returns: The engine that decides now; nil for the built-in one.
    /// - Throws: ``EngineStoreError/nothingBefore``.
    package func rollBack(_ type: DecisionType, by key: String) async throws -> EngineRecord? {
        try await exclusively { transaction in
            guard let current = try await Self.latest(transaction, type) else { throw EngineStoreError.nothingBefore }
            let target = try await Self.activation(transaction, current.replaces)
            try await Self.clear(transaction, type, .active)
            var record: EngineRecord?
            if let target, let id = target.engine, let version = target.configVersion {
                _ = try await transaction.query(
                    """
                    UPDATE decision_engines e SET mode = 'active', config = c.config, config_version = c.config_version
                    FROM engine_config c
                    WHERE e.engine_id = $1 AND c.engine_id = $1 AND c.config_version = $2
                    """,
                    [.uuid(id), PostgresValue(version)]
                )
                record = try await Self.locked(transaction, id)
            } else if current.engine == nil {
                throw EngineStoreError.nothingBefore
            }
            try await Self.noteActivation(
                transaction,
                type,
                engine: record,
                by: key,
                isRollback: true,
                replaces: target?.replaces
            )
            return record
        }
    }

    /// What was in force when, newest first.
    package func activations(_ type: DecisionType, limit: Int = 50) async throws -> [EngineActivation] {
        try await pool.query(
            """
            SELECT a.activated_at, a.engine_id, e.engine_name || ' ' || e.engine_version AS title, a.config_version,
                   a.activated_by, a.is_rollback
            FROM engine_activation a LEFT JOIN decision_engines e USING (engine_id)
            WHERE a.engine_type = $1 ORDER BY a.activation_id DESC LIMIT $2
            """,
            [.text(type.rawValue), PostgresValue(limit)]
        ).map { row in
            let id: UUID? = try row.get("engine_id")
            return EngineActivation(
                at: try Self.moment(row, "activated_at"),
                engineID: id?.uuidString.lowercased(),
                title: try row.get("title"),
                configVersion: try row.get("config_version"),
                by: try row.get("activated_by"),
                isRollback: try row.get("is_rollback")
            )
        }
    }

    // MARK: Steps

    private func exclusively<Value: Sendable>(
        _ body: @Sendable (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        try await pool.transaction { transaction in
            _ = try await transaction.query("SELECT pg_advisory_xact_lock($1)", [.int(Self.lock)])
            return try await body(transaction)
        }
    }

    private static func locked(_ transaction: PostgresTransaction, _ id: UUID) async throws -> EngineRecord? {
        try await transaction.query(
            columns + " FROM decision_engines e WHERE engine_id = $1 FOR UPDATE",
            [.uuid(id)]
        ).first.map(record)
    }

    private static func inForce(_ transaction: PostgresTransaction, _ type: DecisionType) async throws -> UUID? {
        try await transaction.query(
            "SELECT engine_id FROM decision_engines WHERE engine_type = $1 AND mode = 'active'",
            [.text(type.rawValue)]
        ).first?.get(0)
    }

    private static func setConfig(
        _ transaction: PostgresTransaction,
        _ record: EngineRecord,
        _ config: JSONObject,
        by key: String
    ) async throws {
        guard
            JSONValue.object(config).text(.canonical) != JSONValue.object(record.engine.config).text(.canonical)
        else { return }
        let version: Int = try await transaction.query(
            "SELECT max(config_version) + 1 FROM engine_config WHERE engine_id = $1",
            [.uuid(record.id)]
        ).one().get(0)
        try await keepConfig(transaction, record.id, version: version, config, by: key)
        _ = try await transaction.query(
            "UPDATE decision_engines SET config = $2, config_version = $3 WHERE engine_id = $1",
            [.uuid(record.id), .json(JSONValue.object(config).text()), PostgresValue(version)]
        )
    }

    private static func setMode(
        _ transaction: PostgresTransaction,
        _ record: EngineRecord,
        _ mode: EngineMode
    ) async throws {
        if mode != .inactive { try await clear(transaction, record.engine.type, mode) }
        _ = try await transaction.query(
            "UPDATE decision_engines SET mode = $2 WHERE engine_id = $1",
            [.uuid(record.id), .text(mode.rawValue)]
        )
    }

    private static func clear(
        _ transaction: PostgresTransaction,
        _ type: DecisionType,
        _ mode: EngineMode
    ) async throws {
        _ = try await transaction.query(
            "UPDATE decision_engines SET mode = 'inactive' WHERE engine_type = $1 AND mode = $2",
            [.text(type.rawValue), .text(mode.rawValue)]
        )
    }

    private struct Place: Sendable {
        let id: Int64
        let engine: UUID?
        let configVersion: Int?
        let replaces: Int64?
    }

    private static func latest(_ transaction: PostgresTransaction, _ type: DecisionType) async throws -> Place? {
        try await places(
            transaction,
            "WHERE engine_type = $1 ORDER BY activation_id DESC LIMIT 1",
            .text(type.rawValue)
        )
    }

    private static func activation(_ transaction: PostgresTransaction, _ id: Int64?) async throws -> Place? {
        guard let id else { return nil }
        return try await places(transaction, "WHERE activation_id = $1", .int(id))
    }

    private static func places(
        _ transaction: PostgresTransaction,
        _ condition: String,
        _ parameter: PostgresValue
    ) async throws -> Place? {
        try await transaction.query(
            "SELECT activation_id, engine_id, config_version, replaces FROM engine_activation " + condition,
            [parameter]
        ).first.map { row in
            Place(id: try row.get(0), engine: try row.get(1), configVersion: try row.get(2), replaces: try row.get(3))
        }
    }

    private static func noteActivation(
        _ transaction: PostgresTransaction,
        _ type: DecisionType,
        engine: EngineRecord?,
        by key: String,
        isRollback: Bool,
        replaces: Int64?
    ) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO engine_activation (engine_type, engine_id, config_version, activated_by, is_rollback, replaces)
            VALUES ($1, $2::uuid, $3::int8, $4, $5, $6::int8)
            """,
            [
                .text(type.rawValue), PostgresValue(engine?.id), PostgresValue(engine?.engine.configVersion),
                .text(key),
                .bool(isRollback), PostgresValue(replaces),
            ]
        )
    }
}
