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
                    "process_id": .string(try row.get(0)), "host": .string(try row.get(1)), "role": .string(try row.get(2)),
                    "alias": .string(try row.get(3)), "loaded_at": .string(ModelRecord.text(try row.get(4))),
                    "error": .optional(try row.get(5)),
                ]
            }
        )
    }
}
