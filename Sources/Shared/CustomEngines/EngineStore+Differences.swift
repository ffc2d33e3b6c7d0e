package import Contract
package import FoundationEssentials
import Postgres
package import Scripts

/// What an engine in shadow mode would have answered, compared with what was answered.
package struct ShadowOutcome: Sendable {
    package enum Result: Sendable {
        case compared(DecisionDifference)
        case failed(ScriptFailure)
    }

    package let engineID: UUID
    package let configVersion: Int
    /// The decision's job.
    package let execution: UUID
    package let tenant: String
    package let cluster: String?
    package let result: Result

    package init(
        engineID: UUID,
        configVersion: Int,
        execution: UUID,
        tenant: String,
        cluster: String?,
        result: Result
    ) {
        self.engineID = engineID
        self.configVersion = configVersion
        self.execution = execution
        self.tenant = tenant
        self.cluster = cluster
        self.result = result
    }
}

extension EngineStore {
    /// A month shows how an engine does; older comparisons are removed.
    private static let keptDays = 30

    /// Notes a comparison; a decision that is made a second time counts once.
    package func note(_ outcome: ShadowOutcome) async throws {
        var kind = "failed"
        var difference: DecisionDifference?
        var failure: ScriptFailure?
        switch outcome.result {
        case .compared(let compared):
            kind = compared.isSame ? "same" : "different"
            difference = compared
        case .failed(let failed): failure = failed
        }
        _ = try await pool.query(
            """
            INSERT INTO engine_difference (engine_id, config_version, execution_id, tenant, cluster_id, outcome, reason,
                message, savings_given, savings_shadow, difference)
            VALUES ($1, $2, $3, $4, $5::text, $6, $7::text, $8::text, $9::float8, $10::float8, $11::text)
            ON CONFLICT (engine_id, execution_id) DO NOTHING
            """,
            [
                .uuid(outcome.engineID), PostgresValue(outcome.configVersion), .uuid(outcome.execution),
                .text(outcome.tenant), PostgresValue(outcome.cluster), .text(kind),
                PostgresValue(failure?.reason.name), PostgresValue(failure?.description),
                PostgresValue(difference?.savingsGiven), PostgresValue(difference?.savingsTried),
                PostgresValue(difference.flatMap { $0.isSame ? nil : $0.json.text() }),
            ]
        )
    }

    /// Removes comparisons that are too old to tell anything.
    package func sweepDifferences() async throws {
        _ = try await pool.query(
            "DELETE FROM engine_difference WHERE compared_at < now() - make_interval(days => $1::int4)",
            [PostgresValue(Self.keptDays)]
        )
    }

    /// How an engine's shadow did, in numbers, with the newest comparisons that were not the same.
    package func differences(_ id: UUID, limit: Int) async throws -> JSONValue {
        let counts = try await pool.query(
            """
            SELECT count(*), count(*) FILTER (WHERE outcome = 'same'), count(*) FILTER (WHERE outcome = 'different'),
                   count(*) FILTER (WHERE outcome = 'failed'), sum(savings_given), sum(savings_shadow),
                   min(compared_at) AS oldest, max(compared_at) AS newest
            FROM engine_difference WHERE engine_id = $1
            """,
            [.uuid(id)]
        ).one()
        let reasons = try await pool.query(
            """
            SELECT reason, count(*) FROM engine_difference WHERE engine_id = $1 AND outcome = 'failed'
            GROUP BY reason ORDER BY reason
            """,
            [.uuid(id)]
        )
        var byReason = JSONObject()
        for row in reasons { byReason[try row.get(0)] = .integer(try row.get(1)) }
        let total: Int64 = try counts.get(0)
        return [
            "engine_id": .string(id.uuidString.lowercased()),
            "kept_days": .integer(Int64(Self.keptDays)),
            "total": .integer(total), "same": .integer(try counts.get(1)), "different": .integer(try counts.get(2)),
            "failed": .integer(try counts.get(3)), "failed_by_reason": .object(byReason),
            "estimated_savings": [
                "given": Self.money(try counts.get(4)), "shadow": Self.money(try counts.get(5)),
            ],
            "oldest": total == 0 ? nil : .string(try Self.moment(counts, "oldest").description),
            "newest": total == 0 ? nil : .string(try Self.moment(counts, "newest").description),
            "recent": .array(try await recent(id, limit: limit)),
        ]
    }

    private static func money(_ sum: Double?) -> JSONValue { sum.map { .rounded($0, 2) } ?? .null }

    private func recent(_ id: UUID, limit: Int) async throws -> [JSONValue] {
        try await pool.query(
            """
            SELECT execution_id, tenant, cluster_id, compared_at, outcome, config_version, reason, message, difference
            FROM engine_difference WHERE engine_id = $1 AND outcome <> 'same' ORDER BY difference_id DESC LIMIT $2
            """,
            [.uuid(id), PostgresValue(limit)]
        ).map { row in
            let execution: UUID = try row.get("execution_id")
            let difference: String? = try row.get("difference")
            return [
                "execution_id": .string(execution.uuidString.lowercased()), "tenant": .string(try row.get("tenant")),
                "cluster_id": .optional(try row.get("cluster_id")),
                "compared_at": .string(try Self.moment(row, "compared_at").description),
                "outcome": .string(try row.get("outcome")), "config_version": .integer(try row.get("config_version")),
                "reason": .optional(try row.get("reason")), "message": .optional(try row.get("message")),
                "difference": try difference.map { try JSONParser.parse($0) } ?? nil,
            ]
        }
    }
}
