package import Contract
package import FoundationEssentials
package import Postgres
package import Scripts

/// The engines that users brought, in PostgreSQL: sources, versions of their configuration, what is in force.
package struct EngineStore: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Stores a new engine, which does nothing yet.
    ///
    /// - Throws: ``EngineStoreError/taken``.
    package func add(_ upload: EngineUpload, by key: String) async throws -> EngineRecord {
        let id = UUID()
        try await pool.transaction { transaction in
            let rows = try await transaction.query(
                """
                INSERT INTO decision_engines (engine_id, engine_name, engine_version, engine_type, uploaded_by, source,
                    source_sha256, config_schema, input_schema, output_schema, sample, config)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                ON CONFLICT (engine_name, engine_version) DO NOTHING RETURNING 1
                """,
                [
                    .uuid(id), .text(upload.name), .text(upload.version), .text(upload.type.rawValue), .text(key),
                    .text(upload.source), .text(upload.sourceDigest), .json(upload.configSchema.json.text()),
                    .json(upload.inputSchema.json.text()), .json(upload.outputSchema.json.text()),
                    .text(upload.sample), .json(JSONValue.object(upload.config).text()),
                ]
            )
            guard rows.count == 1 else { throw EngineStoreError.taken }
            try await Self.keepConfig(transaction, id, version: 1, upload.config, by: key)
        }
        return try await engine(id)
    }

    /// All engines, in the order of type, name and upload.
    package func list() async throws -> [EngineRecord] {
        try await records("ORDER BY engine_type, engine_name, upload_date, engine_id", [])
    }

    /// - Throws: ``EngineStoreError/unknown``.
    package func engine(_ id: UUID) async throws -> EngineRecord {
        guard let record = try await records("WHERE e.engine_id = $1", [.uuid(id)]).first else {
            throw EngineStoreError.unknown
        }
        return record
    }

    /// The engine as it was with one version of its configuration: what a replay needs.
    ///
    /// - Throws: ``EngineStoreError/unknown``.
    package func engine(_ id: UUID, configVersion: Int) async throws -> CustomEngine {
        var engine = try await engine(id).engine
        let rows = try await pool.query(
            "SELECT config::text FROM engine_config WHERE engine_id = $1 AND config_version = $2",
            [.uuid(id), PostgresValue(configVersion)]
        )
        guard let row = rows.first else { throw EngineStoreError.unknown }
        engine.config = try Self.object(try row.get(0))
        engine.configVersion = configVersion
        return engine
    }

    /// The engines that take part in decisions now.
    package func running() async throws -> [EngineRecord] {
        try await records("WHERE mode IN ('active', 'shadow') ORDER BY engine_type, engine_id", [])
    }

    /// Notes what came of a test.
    package func noteTest(_ id: UUID, passed: Bool, config: JSONObject, report: JSONValue) async throws {
        _ = try await pool.query(
            """
            UPDATE decision_engines SET tested_at = now(), test_passed = $2, test_config = $3, test_report = $4
            WHERE engine_id = $1
            """,
            [.uuid(id), .bool(passed), .json(JSONValue.object(config).text()), .text(report.text())]
        )
    }

    static func keepConfig(
        _ transaction: PostgresTransaction,
        _ id: UUID,
        version: Int,
        _ config: JSONObject,
        by key: String
    ) async throws {
        _ = try await transaction.query(
            "INSERT INTO engine_config (engine_id, config_version, config, created_by) VALUES ($1, $2, $3, $4)",
            [.uuid(id), PostgresValue(version), .json(JSONValue.object(config).text()), .text(key)]
        )
    }

    private func records(_ condition: String, _ parameters: [PostgresValue]) async throws -> [EngineRecord] {
        try await pool.query(Self.columns + " FROM decision_engines e " + condition, parameters).map(Self.record)
    }
}
