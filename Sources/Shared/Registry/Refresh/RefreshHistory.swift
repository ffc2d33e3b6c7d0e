package import Contract
package import FoundationEssentials
package import Postgres

/// The refreshes of models, in PostgreSQL.
package struct RefreshHistory: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Notes that a refresh has begun; a second attempt of its job changes nothing.
    package func begin(_ job: UUID, _ order: RefreshOrder, by tenant: String) async throws {
        try await pool.query(
            """
            INSERT INTO model_refresh_history (refresh_id, model_id, refresh_type, data_fetched_from, data_fetched_to,
                triggered_by)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (refresh_id) DO NOTHING
            """,
            [
                .uuid(job), PostgresValue(order.model), .text(order.origin.rawValue),
                .timestamp(order.prices.from.date),
                .timestamp(order.prices.until.date), .text(tenant),
            ]
        )
    }

    /// Notes how a refresh ended, and when the models' data was last made complete.
    package func finish(_ job: UUID, models: [UUID], records: Int64, error: String?) async throws {
        try await pool.transaction { transaction in
            try await transaction.query(
                """
                UPDATE model_refresh_history
                SET status = CASE WHEN $3::text IS NULL THEN 'completed' ELSE 'failed' END, records_fetched = $2,
                    completed_at = now(), error_message = $3
                WHERE refresh_id = $1
                """,
                [.uuid(job), .int(records), PostgresValue(error)]
            )
            guard error == nil else { return }
            try await transaction.query(
                "UPDATE ml_models SET last_refresh_date = now() WHERE model_id = ANY ($1)",
                [.uuids(models)]
            )
        }
    }

    /// Refreshes, newest first; one whose job has ended without a word of its own counts as failed.
    package func list(model: UUID?, tenant: String?, limit: Int, offset: Int) async throws -> [JSONValue] {
        try await pool.query(
            """
            SELECT h.refresh_id, h.model_id, h.refresh_type, h.data_fetched_from, h.data_fetched_to, h.records_fetched,
                   CASE WHEN h.status = 'in_progress' AND NOT EXISTS (SELECT FROM job_live j WHERE j.id = h.refresh_id)
                        THEN 'failed' ELSE h.status END,
                   h.triggered_by, h.started_at, h.completed_at, extract(epoch FROM h.completed_at - h.started_at)::float8,
                   h.error_message
            FROM model_refresh_history h
            WHERE ($1::uuid IS NULL OR h.model_id = $1) AND ($4::text IS NULL OR h.triggered_by = $4)
            ORDER BY h.started_at DESC, h.refresh_id DESC LIMIT $2 OFFSET $3
            """,
            [PostgresValue(model), PostgresValue(limit), PostgresValue(offset), PostgresValue(tenant)]
        ).map { row in
            let model: UUID? = try row.get(1)
            let ended: Date? = try row.get(9)
            return [
                "refresh_id": .string(try row.get(0, as: UUID.self).uuidString.lowercased()),
                "model_id": .optional(model?.uuidString.lowercased()), "refresh_type": .string(try row.get(2)),
                "data_fetched_from": .string(ModelRecord.text(try row.get(3))),
                "data_fetched_to": .string(ModelRecord.text(try row.get(4))),
                "records_fetched": .integer(try row.get(5)), "status": .string(try row.get(6)),
                "triggered_by": .string(try row.get(7)), "started_at": .string(ModelRecord.text(try row.get(8))),
                "completed_at": .optional(ended.map(ModelRecord.text)),
                "duration_seconds": try row.get(10, as: Double?.self).map { .rounded($0, 3) } ?? .null,
                "error_message": .optional(try row.get(11)),
            ]
        }
    }
}

extension Timestamp {
    fileprivate var date: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }
}
