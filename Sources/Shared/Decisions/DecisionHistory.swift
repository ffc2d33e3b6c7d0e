package import FoundationEssentials
package import Jobs
package import Postgres

/// Which decisions a look at the history wants.
package struct DecisionFilter: Sendable, Equatable {
    /// nil: every tenant's, as operators may.
    package var tenant: String?
    /// The decision's type, such as `bin_pack`.
    package var type: String?
    /// An uploaded engine that took part.
    package var customEngine: UUID?
    package var cluster: String?
    package var state: JobState?
    package var since: Date?
    package var until: Date?

    package init(tenant: String?) { self.tenant = tenant }
}

/// The log of decisions, read from where jobs end: an entry is there exactly when its decision is.
package struct DecisionHistory: Sendable {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// The entries the filter lets through, newest first, each as JSON text.
    ///
    /// - Parameters:
    ///   - filter: What is wanted.
    ///   - after: Where the page before ended.
    ///   - limit: The most entries of the page.
    /// - Returns: A page.
    /// - Throws: `PostgresError`.
    package func entries(
        _ filter: DecisionFilter,
        after: JobID?,
        limit: Int
    ) async throws -> [(id: JobID, json: String)] {
        let (conditions, values) = Self.conditions(filter, after: after)
        let rows = try await pool.query(
            """
            SELECT r.id, json_build_object(
                'execution_id', r.id, 'decision_type', substr(r.kind, 10), 'tenant', r.tenant,
                'cluster_id', nullif(r.cluster, ''), 'state', r.state,
                'request_id', r.request_id,
                'executed_at', \(Self.rfc3339("r.finished_at")), 'accepted_at', \(Self.rfc3339("r.accepted_at")),
                'confidence_score', d.doc -> 'confidence_score', 'estimated_savings', d.doc -> 'estimated_savings',
                'recommendation_count', CASE WHEN json_typeof(d.doc -> 'recommendations') = 'array'
                    THEN json_array_length(d.doc -> 'recommendations') END,
                'uses_fallback', d.doc -> 'uses_fallback', 'data_quality_score', d.doc -> 'data_quality_score',
                'engine', d.doc -> 'engine', 'engine_version', d.doc -> 'engine_version',
                'provenance', d.doc -> 'provenance', 'error', r.error::json, 'attempt', r.attempt,
                'decision', '/api/v1/ml/jobs/' || r.id
            )::text
            FROM job_result r, LATERAL (SELECT r.result::json AS doc) d
            WHERE \(conditions) ORDER BY r.day DESC, r.id DESC LIMIT \(limit)
            """,
            values
        )
        return try rows.map { (JobID(try $0.get(0, as: UUID.self)), try $0.get(1)) }
    }

    private static func rfc3339(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    }

    private static func conditions(_ filter: DecisionFilter, after: JobID?) -> (String, [PostgresValue]) {
        var conditions = ["r.kind LIKE 'decision.%'"]
        var values: [PostgresValue] = []
        func require(_ text: (String) -> String, _ value: PostgresValue?) {
            guard let value else { return }
            values.append(value)
            conditions.append(text("$\(values.count)"))
        }
        require({ "r.tenant = \($0)" }, filter.tenant.map { .text($0) })
        require({ "r.kind = 'decision.' || \($0)::text" }, filter.type.map { .text($0) })
        require(
            { "d.doc -> 'provenance' -> 'custom_engine' ->> 'engine_id' = \($0)" },
            filter.customEngine.map { .text($0.uuidString.lowercased()) }
        )
        require({ "r.cluster = \($0)" }, filter.cluster.map { .text($0) })
        require({ "r.state::text = \($0)" }, filter.state.map { .text($0.rawValue) })
        // An id is as old as its acceptance; the day lets whole partitions be left out.
        require(
            { "r.day >= uuid_v7_day(\($0)) AND r.id >= \($0)" },
            filter.since.map { .uuid(JobID.lowest(at: $0).uuid) }
        )
        require(
            { "r.day <= uuid_v7_day(\($0)) AND r.id < \($0)" },
            filter.until.map { .uuid(JobID.lowest(at: $0).uuid) }
        )
        require({ "r.day <= uuid_v7_day(\($0)) AND r.id < \($0)" }, after.map { .uuid($0.uuid) })
        return (conditions.joined(separator: " AND "), values)
    }
}
