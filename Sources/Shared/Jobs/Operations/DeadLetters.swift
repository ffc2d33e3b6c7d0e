package import FoundationEssentials
import Postgres

/// Dead letters that ended for the same reason.
package struct DeadGroup: Sendable, Equatable {
    package let kind: String
    /// The error's code.
    package let code: String
    package let count: Int
    package let firstAt: Date
    package let lastAt: Date
    /// Up to three, the latest.
    package let examples: [JobID]
    /// The latest one's message.
    package let message: String
}

/// Why a job is not run again.
package enum RedriveRefusal: String, Sendable {
    case notFound, notEnded, succeeded, cancelled, discarded, childrenAlive

    /// A sentence without its end, for people.
    package var reason: String {
        switch self {
        case .notFound: "there is no such job, or its retention time is over"
        case .notEnded: "it has not ended; only dead and failed jobs can run again"
        case .succeeded: "it has succeeded; only dead and failed jobs can run again"
        case .cancelled: "it was cancelled, and its payload was not kept; send it again as a new job"
        case .discarded: "it was discarded, and its payload is gone; send it again as a new job"
        case .childrenAlive: "children of its last run still run; wait for their end, or cancel them"
        }
    }
}

extension JobLedger {
    /// How many dead letters are read for their groups; a disaster of millions is told by its latest.
    private static let groupScan = 100_000

    /// Dead letters that can still run again, by kind and error code, the largest group first.
    ///
    /// With `failed`, jobs that ended as failed are groups too. Among more than 100,000 of a state, the latest are counted.
    package func deadGroups(_ filter: JobFilter, withFailed: Bool = false) async throws -> [DeadGroup] {
        var parameter = ParameterList()
        let states = withFailed ? ["dead", "failed"] : ["dead"]
        let heads = states.map { state in
            """
            (SELECT kind, \(JobFilter.errorCode("error")) AS code, error, finished_at, id FROM job_result r
             WHERE \(Self.deadConditions(filter, state: state, &parameter)) ORDER BY id DESC LIMIT \(Self.groupScan))
            """
        }
        let rows = try await query(
            """
            WITH letters AS MATERIALIZED (\(heads.joined(separator: " UNION ALL ")))
            SELECT kind, code, count(*), min(finished_at), max(finished_at),
                   (array_agg(id ORDER BY id DESC))[1:3]::text[], (array_agg(error ORDER BY id DESC))[1]
            FROM letters GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """,
            parameter.values
        )
        return try rows.map { row in
            DeadGroup(
                kind: try row.get(0),
                code: try row.get(1),
                count: Int(try row.get(2, as: Int64.self)),
                firstAt: try row.get(3),
                lastAt: try row.get(4),
                examples: try row.get(5, as: [String].self).compactMap { JobID($0) },
                message: JobFailure(json: try row.get(6, as: String?.self) ?? "{}").message
            )
        }
    }

    /// Up to `limit` jobs of one state that can run again, oldest first: the batches of a redrive or a discard.
    ///
    /// `after` is the last one of the batch before, so that what dies again meanwhile is not met again.
    package func deadLetters(
        _ filter: JobFilter,
        state: JobState = .dead,
        after: JobID? = nil,
        limit: Int
    ) async throws -> [JobID] {
        var parameter = ParameterList()
        let bound = after.map { "r.id > \(parameter(.uuid($0.uuid))) AND " } ?? ""
        let rows = try await query(
            """
            SELECT r.id FROM job_result r WHERE \(bound)\(Self.deadConditions(filter, state: state.rawValue, &parameter))
            ORDER BY r.id LIMIT \(parameter(.int(Int64(limit))))
            """,
            parameter.values
        )
        return try rows.map { JobID(try $0.get(0, as: UUID.self)) }
    }

    private static func deadConditions(
        _ filter: JobFilter,
        state: String,
        _ parameter: inout ParameterList
    ) -> String {
        var filter = filter
        filter.states = []
        var all = ["r.state = '\(state)'", "r.discarded_at IS NULL", "r.payload IS NOT NULL"]
        if let parent = filter.parent { all.append("r.parent_id = \(parameter(.uuid(parent.uuid)))") }
        if let since = filter.since { all.append("r.id >= \(parameter(.uuid(JobID.lowest(at: since).uuid)))") }
        if let until = filter.until { all.append("r.id < \(parameter(.uuid(JobID.lowest(at: until).uuid)))") }
        all.append(filter.conditions("r", error: "error", &parameter))
        return all.joined(separator: " AND ")
    }

    /// Gives dead letters up: their payloads go, and with them the way back.
    ///
    /// They stay terminal, and a status poll still tells how they ended. Returns those that were given up.
    package func discard(_ ids: [JobID], tenant: String? = nil) async throws -> Set<JobID> {
        let rows = try await query(
            """
            UPDATE job_result r SET discarded_at = now(), payload = NULL
            WHERE r.id = ANY ($1) AND r.day = ANY (ARRAY(SELECT DISTINCT uuid_v7_day(id) FROM unnest($1) AS wanted(id)))
              AND r.state::text IN ('dead', 'failed')
              AND r.discarded_at IS NULL AND ($2::text IS NULL OR r.tenant = $2)
            RETURNING r.id
            """,
            [.uuids(ids.sortedForLocks), PostgresValue(tenant)]
        )
        return Set(try rows.map { JobID(try $0.get(0, as: UUID.self)) })
    }
}

extension [JobID] {
    /// In the one order in which statements lock rows.
    var sortedForLocks: [UUID] { map(\.uuid).sorted { $0.uuidString < $1.uuidString } }
}
