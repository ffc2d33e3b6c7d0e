package import Contract
package import FoundationEssentials
import Postgres

extension ModelStore {
    /// A process that has not been seen for so long is gone.
    private static let lease = "30 seconds"

    /// How much was predicted with a model, as far as it was logged.
    package func usage(_ id: UUID) async throws -> JSONValue {
        let row = try await pool.query(
            """
            SELECT count(*), max(created_at), avg(latency_us)::float8 FROM predictions_log
            WHERE model_id = $1 AND created_at > now() - interval '30 days'
            """,
            [.uuid(id)]
        ).one()
        let last: Date? = try row.get(1)
        return [
            "predictions_count": .integer(try row.get(0)), "days": 30,
            "last_prediction_at": .optional(last.map(ModelRecord.text)),
            "avg_latency_us": try row.get(2, as: Double?.self).map { .rounded($0, 1) } ?? .null,
        ]
    }

    /// The processes that run a model now.
    package func loads(of id: UUID) async throws -> JSONValue {
        .array(
            try await pool.query(
                """
                SELECT process_id, host, role, alias, loaded_at, error FROM model_load
                WHERE model_id = $1 AND seen_at > now() - interval '\(Self.lease)' ORDER BY role, process_id, alias
                """,
                [.uuid(id)]
            ).map { row in
                [
                    "process_id": .string(try row.get(0)), "host": .string(try row.get(1)),
                    "role": .string(try row.get(2)),
                    "alias": .string(try row.get(3)), "loaded_at": .string(ModelRecord.text(try row.get(4))),
                    "error": .optional(try row.get(5)),
                ]
            }
        )
    }

    /// Notes what a process runs; what it no longer runs is removed.
    func report(process: String, host: String, role: String, running: [RunningModel], failed: [UUID: String])
        async throws
    {
        let failures = failed.sorted { $0.key.uuidString < $1.key.uuidString }
        let ids = running.map(\.record.id) + failures.map(\.key)
        let aliases = running.map(\.alias) + failures.map { _ in "failed" }
        let times: [Date?] = running.map(\.loadedAt) + failures.map { _ in Date() }
        let errors: [String?] = running.map { _ in nil } + failures.map(\.value)
        try await pool.query(
            """
            WITH loads AS (
                SELECT l.* FROM unnest($4::uuid[], $5::text[], $6::timestamptz[], $7::text[]) AS l(model_id, alias, loaded_at, error)
                WHERE EXISTS (SELECT FROM ml_models m WHERE m.model_id = l.model_id)
            ), gone AS (
                DELETE FROM model_load g WHERE g.process_id = $1
                    AND NOT EXISTS (SELECT FROM loads l WHERE l.model_id = g.model_id AND l.alias = g.alias)
            ), dead AS (
                DELETE FROM model_load WHERE seen_at < now() - interval '1 hour'
            )
            INSERT INTO model_load (process_id, model_id, host, role, alias, loaded_at, error)
            SELECT $1, model_id, $2, $3, alias, loaded_at, error FROM loads
            ON CONFLICT (process_id, model_id, alias) DO UPDATE
                SET loaded_at = excluded.loaded_at, seen_at = now(), error = excluded.error
            """,
            [
                .text(process), .text(host), .text(role), .uuids(ids), .texts(aliases), .timestamps(times),
                .texts(errors),
            ]
        )
    }
}
