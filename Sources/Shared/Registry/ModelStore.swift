package import Contract
package import FoundationEssentials
package import Jobs
package import Postgres

/// The models, in PostgreSQL: uploads, what came of their import, and what the aliases point to.
package struct ModelStore: Sendable {
    let pool: PostgresPool
    private let uploads: PostgresPool
    package let blobs: BlobStore

    /// - Parameters:
    ///   - pool: Where everything is looked up and moved.
    ///   - uploads: Where bytes are written and read: an upload holds a connection for seconds. Nil takes the same pool.
    package init(pool: PostgresPool, uploads: PostgresPool? = nil) {
        self.pool = pool
        self.uploads = uploads ?? pool
        blobs = BlobStore(pool: self.uploads)
    }

    /// Stores an upload and orders its import, both or neither.
    ///
    /// - Throws: ``RegistryError/taken`` when the name has this version already, whoever came first.
    package func add(_ model: NewModel, importedBy job: NewJob) async throws {
        try await uploads.transaction { transaction in
            // In the order of their hashes: two uploads that share files never wait for each other in a circle.
            for file in ([model.model] + model.parts).map(\.file).sorted(by: {
                $0.digest.lexicographicallyPrecedes($1.digest)
            }) {
                _ = try await BlobStore.store(file, in: transaction)
            }
            let hash = model.model.file.digest
            let rows = try await transaction.query(
                """
                INSERT INTO ml_models (model_id, model_name, model_version, model_type, trained_until_date, uploaded_by,
                    uploader, sha256, file_name, import_job, model_metadata, performance_metrics)
                VALUES ($1, $2, $3, $4, $5::text::date, $6, $7::text, $8, $9, $10, $11,
                        coalesce($11::jsonb -> 'metrics', '{}'))
                ON CONFLICT (model_name, model_version) DO NOTHING RETURNING 1
                """,
                [
                    .uuid(model.id), .text(model.name), .text(model.version), .text(model.type.rawValue),
                    .text(model.trainedUntil), .text(model.uploadedBy), PostgresValue(model.uploader), .bytes(hash),
                    .text(model.model.fileName), .uuid(job.id.uuid), .json(JSONValue.object(model.metadata).text()),
                ]
            )
            guard rows.count == 1 else { throw RegistryError.taken }
            for part in model.parts {
                let hash = part.file.digest
                try await transaction.query(
                    "INSERT INTO model_part (model_id, part, sha256, file_name) VALUES ($1, $2, $3, $4)",
                    [.uuid(model.id), .text(part.name), .bytes(hash), .text(part.fileName)]
                )
            }
            try await JobLedger.accept([job], in: transaction)
        }
    }

    /// - Throws: ``RegistryError/unknown``.
    package func model(_ id: UUID) async throws -> ModelRecord {
        let rows = try await Self.records(pool, Self.columns() + "WHERE m.model_id = $1", [.uuid(id)])
        guard let record = rows.first else {
            throw RegistryError.unknown
        }
        return record
    }

    /// The version of a name; nil when there is none.
    package func model(named name: String, version: String) async throws -> ModelRecord? {
        try await Self.records(
            pool,
            Self.columns() + "WHERE m.model_name = $1 AND m.model_version = $2",
            [.text(name), .text(version)]
        ).first
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var type: ModelType?
        package var name: String?
        package var state: ModelRecord.State?
        package var isActive: Bool?

        package init() {}
    }

    /// Models, newest upload first.
    package func list(_ filter: Filter, limit: Int, offset: Int) async throws -> (models: [ModelRecord], total: Int) {
        let condition = """
            WHERE ($1::text IS NULL OR m.model_type = $1) AND ($2::text IS NULL OR m.model_name = $2)
              AND ($3::text IS NULL OR m.state = $3)
              AND ($4::bool IS NULL OR $4 = EXISTS (
                    SELECT FROM model_alias a WHERE a.model_id = m.model_id AND a.alias = 'active'))
            """
        let parameters: [PostgresValue] = [
            PostgresValue(filter.type?.rawValue), PostgresValue(filter.name), PostgresValue(filter.state?.rawValue),
            PostgresValue(filter.isActive),
        ]
        let total: Int64 = try await pool.query("SELECT count(*) FROM ml_models m \(condition)", parameters).one().get(
            0
        )
        let models = try await Self.records(
            pool,
            Self.columns(large: false) + condition + " ORDER BY m.upload_date DESC, m.model_id DESC LIMIT $5 OFFSET $6",
            parameters + [PostgresValue(limit), PostgresValue(offset)]
        )
        return (models, Int(total))
    }

    /// The further files of a model, by the name of the part.
    package func parts(_ id: UUID) async throws -> [(part: String, sha256: [UInt8], fileName: String)] {
        try await pool.query(
            "SELECT part, sha256, file_name FROM model_part WHERE model_id = $1 ORDER BY part",
            [.uuid(id)]
        ).map { (try $0.get(0), try $0.get(1), try $0.get(2)) }
    }

    /// Removes a model, and the bytes that nothing else refers to.
    ///
    /// - Throws: ``RegistryError/inUse(_:)`` while an alias points to it, ``RegistryError/unknown``.
    package func delete(_ id: UUID) async throws {
        try await pool.transaction { transaction in
            guard let record = try await Self.locked(transaction, id) else { throw RegistryError.unknown }
            guard record.aliases.isEmpty else { throw RegistryError.inUse(record.aliases) }
            try await Self.remove(id, in: transaction)
        }
    }

    private static func remove(_ id: UUID, in transaction: PostgresTransaction) async throws {
        let hashes = try await transaction.query(
            """
            SELECT sha256 FROM ml_models WHERE model_id = $1
            UNION SELECT form_sha256 FROM ml_models WHERE model_id = $1 AND form_sha256 IS NOT NULL
            UNION SELECT sha256 FROM model_part WHERE model_id = $1
            """,
            [.uuid(id)]
        ).map { try $0.get(0, as: [UInt8].self) }
        try await transaction.query("DELETE FROM ml_models WHERE model_id = $1", [.uuid(id)])
        try await BlobStore.sweep(hashes, in: transaction)
    }

    // MARK: What came of an import

    /// Makes a model ready, with the form that is loaded and what was found in it.
    ///
    /// - Returns: Whether it was waiting for that; a second import of the same model changes nothing.
    package func finishImport(
        _ id: UUID,
        form: SpooledFile,
        description: JSONValue,
        followedBy next: NewJob? = nil
    ) async throws -> Bool {
        try await pool.transaction { transaction in
            let hash = try await BlobStore.store(form, in: transaction)
            let isDone =
                try await transaction.query(
                    """
                    UPDATE ml_models SET state = 'ready', form_sha256 = $2, description = $3
                    WHERE model_id = $1 AND state = 'importing' RETURNING 1
                    """,
                    [.uuid(id), .bytes(hash), .json(description.text())]
                ).count == 1
            // Deleted while it was read: its form belongs to nobody.
            if !isDone { try await BlobStore.sweep([hash], in: transaction) }
            if isDone, let next { try await JobLedger.accept([next], in: transaction) }
            return isDone
        }
    }

    /// Removes an upload that is no model we run: nothing of it stays, and its version is free again.
    package func refuse(_ id: UUID) async throws {
        try await pool.transaction { transaction in
            guard let record = try await Self.locked(transaction, id), record.state == .importing else { return }
            try await Self.remove(id, in: transaction)
        }
    }

    /// Removes uploads whose import has ended without a word: cancelled, or given up.
    ///
    /// - Returns: How many.
    package func sweepImports() async throws -> Int {
        let stuck = try await pool.query(
            """
            SELECT model_id FROM ml_models m WHERE state = 'importing' AND upload_date < now() - interval '10 minutes'
                AND NOT EXISTS (SELECT FROM job_live j WHERE j.id = m.import_job)
            """
        ).map { try $0.get(0, as: UUID.self) }
        for id in stuck { try await refuse(id) }
        return stuck.count
    }

    // MARK: Reading rows

    static let largeNotes = ["golden_sample", "training_histogram", "input_schema"]

    static func locked(_ transaction: PostgresTransaction, _ id: UUID) async throws -> ModelRecord? {
        try await transaction.query("SELECT FROM ml_models WHERE model_id = $1 FOR UPDATE", [.uuid(id)])
        return try await transaction.query(columns() + "WHERE m.model_id = $1", [.uuid(id)]).first.map(record)
    }

    static func records(_ pool: PostgresPool, _ sql: String, _ parameters: [PostgresValue]) async throws
        -> [ModelRecord]
    {
        try await pool.query(sql, parameters).map(record)
    }

    /// Lists leave out what may be megabytes.
    private static func columns(large: Bool = true) -> String {
        let metadata = large ? "" : largeNotes.map { " - '\($0)'" }.joined()
        let description =
            large
            ? "m.description"
            : "jsonb_build_object('library', m.description -> 'library', 'estimator', m.description -> 'estimator')"
        return """
            SELECT m.model_id, m.model_name, m.model_version, m.model_type, m.trained_until_date::text AS trained_until,
                   m.upload_date, m.uploaded_by, m.uploader, m.sha256, b.size, m.file_name, m.state, m.import_job,
                   m.form_sha256, (\(description))::text AS description, (m.model_metadata\(metadata))::text AS metadata,
                   m.performance_metrics::text AS metrics, m.last_refresh_date,
                   ARRAY(SELECT a.alias FROM model_alias a WHERE a.model_id = m.model_id ORDER BY a.alias) AS aliases
            FROM ml_models m JOIN model_blob b ON b.sha256 = m.sha256

            """
    }

    private static func record(_ row: PostgresRow) throws -> ModelRecord {
        let type: String = try row.get("model_type")
        let state: String = try row.get("state")
        guard let type = ModelType(rawValue: type), let state = ModelRecord.State(rawValue: state) else {
            throw RegistryError.unreadable("a model of type \(type) in state \(state)")
        }
        return ModelRecord(
            id: try row.get("model_id"),
            name: try row.get("model_name"),
            version: try row.get("model_version"),
            type: type,
            trainedUntil: try row.get("trained_until"),
            uploadedAt: try row.get("upload_date"),
            uploadedBy: try row.get("uploaded_by"),
            uploader: try row.get("uploader"),
            sha256: try row.get("sha256"),
            size: try row.get("size"),
            fileName: try row.get("file_name"),
            state: state,
            importJob: try row.get("import_job"),
            formSHA256: try row.get("form_sha256"),
            description: try json(row, "description"),
            metadata: try json(row, "metadata")?.object ?? [:],
            metrics: try json(row, "metrics")?.object ?? [:],
            lastRefresh: try row.get("last_refresh_date"),
            aliases: try row.get("aliases")
        )
    }

    private static func json(_ row: PostgresRow, _ column: String) throws -> JSONValue? {
        try row.get(column, as: String?.self).map { try JSONParser.parse($0) }
    }
}
