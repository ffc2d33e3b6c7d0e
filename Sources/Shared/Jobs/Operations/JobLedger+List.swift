import FoundationEssentials
import Postgres

/// Jobs of a list, newest first.
package struct JobPage: Sendable {
    package let jobs: [JobSummary]
    /// Where the next page starts; nil at the end of the list.
    ///
    /// A page may have fewer jobs than asked for, even none, and still a next one: a look at a list is bounded.
    package let next: JobID?
}

extension JobLedger {
    /// How many rows of each table one page may look at: a filter that matches hardly anything among millions takes
    /// several pages rather than a minute.
    static let pageScan = 50_000

    /// The jobs that the filter lets through, live and ended ones in one snapshot, newest first.
    ///
    /// `after` is the ``JobPage/next`` of the page before.
    package func jobs(_ filter: JobFilter, after: JobID? = nil, limit: Int = 50) async throws -> JobPage {
        var parameter = ParameterList()
        let sql = Self.listSQL(filter, after: after, limit: limit, &parameter)
        let rows = try await query(sql, parameter.values)
        // The first column repeats the point down to which both tables were looked at.
        let horizon = try rows.first?.get(0, as: UUID?.self).map(JobID.init)
        let jobs = try rows.filter { try $0.get(1, as: UUID?.self) != nil }.map { try JobSummary($0, from: 1) }
        return JobPage(jobs: jobs, next: jobs.count == limit ? jobs.last?.id : horizon)
    }

    /// Ids of both tables in falling order, each bounded; then the rows of the chosen ones, found by id.
    private static func listSQL(
        _ filter: JobFilter,
        after: JobID?,
        limit: Int,
        _ parameter: inout ParameterList
    ) -> String {
        let live =
            filter.mayBeLive ? liveHead(filter, after, &parameter) : "SELECT NULL::uuid AS id, false AS hit WHERE false"
        let ended =
            filter.mayHaveEnded
            ? endedHead(filter, after, &parameter) : "SELECT NULL::uuid AS id, false AS hit WHERE false"
        return """
            WITH live AS MATERIALIZED (\(live)), ended AS MATERIALIZED (\(ended)),
            horizon AS MATERIALIZED (
                SELECT id FROM (
                    (SELECT id FROM live ORDER BY id DESC OFFSET \(pageScan - 1) LIMIT 1)
                    UNION ALL (SELECT id FROM ended ORDER BY id DESC OFFSET \(pageScan - 1) LIMIT 1)) ends
                ORDER BY id DESC LIMIT 1
            ), chosen AS MATERIALIZED (
                SELECT id FROM (SELECT id FROM live WHERE hit UNION ALL SELECT id FROM ended WHERE hit) hits
                WHERE id >= coalesce((SELECT id FROM horizon), '00000000-0000-0000-0000-000000000000')
                ORDER BY id DESC LIMIT \(parameter(.int(Int64(limit))))
            )
            SELECT (SELECT id FROM horizon), found.*
            FROM (SELECT 1) always LEFT JOIN (
                SELECT \(JobSummary.liveColumns) FROM job_live j WHERE j.id = ANY (ARRAY(SELECT id FROM chosen))
                UNION ALL
                SELECT \(JobSummary.endedColumns) FROM job_result r
                WHERE r.id = ANY (ARRAY(SELECT id FROM chosen))
                  AND r.day = ANY (ARRAY(SELECT DISTINCT uuid_v7_day(id) FROM chosen))
            ) found ON true
            ORDER BY found.id DESC
            """
    }

    private static func liveHead(_ filter: JobFilter, _ after: JobID?, _ parameter: inout ParameterList) -> String {
        var bounds = ["true"]
        if let parent = filter.parent { bounds.append("j.parent_id = \(parameter(.uuid(parent.uuid)))") }
        if let after { bounds.append("j.id < \(parameter(.uuid(after.uuid)))") }
        if let since = filter.since { bounds.append("j.id >= \(parameter(.uuid(JobID.lowest(at: since).uuid)))") }
        if let until = filter.until { bounds.append("j.id < \(parameter(.uuid(JobID.lowest(at: until).uuid)))") }
        // What runs is few, and found by its index whatever the planner thinks of the order.
        let rows =
            filter.indexedState == .running
            ? "(SELECT * FROM job_live WHERE state = 'running' AND started_at >= \(floor(of: .running)) OFFSET 0)"
            : "job_live"
        return """
            SELECT j.id, \(filter.conditions("j", error: "last_error", &parameter)) AS hit FROM \(rows) j
            WHERE \(bounds.joined(separator: " AND ")) ORDER BY j.id DESC LIMIT \(pageScan)
            """
    }

    private static func endedHead(_ filter: JobFilter, _ after: JobID?, _ parameter: inout ParameterList) -> String {
        var bounds = ["true"]
        if let state = filter.indexedState, state.isTerminal { bounds.append("r.state = '\(state.rawValue)'") }
        if let parent = filter.parent { bounds.append("r.parent_id = \(parameter(.uuid(parent.uuid)))") }
        // The day follows from the id; naming it spares the other partitions.
        if let after {
            let id = parameter(.uuid(after.uuid))
            bounds.append("r.day <= uuid_v7_day(\(id)) AND r.id < \(id)")
        }
        if let since = filter.since {
            let id = parameter(.uuid(JobID.lowest(at: since).uuid))
            bounds.append("r.day >= uuid_v7_day(\(id)) AND r.id >= \(id)")
        }
        if let until = filter.until {
            let id = parameter(.uuid(JobID.lowest(at: until).uuid))
            bounds.append("r.day <= uuid_v7_day(\(id)) AND r.id < \(id)")
        }
        return """
            SELECT r.id, \(filter.conditions("r", error: "error", &parameter)) AS hit FROM job_result r
            WHERE \(bounds.joined(separator: " AND ")) ORDER BY r.day DESC, r.id DESC LIMIT \(pageScan)
            """
    }
}
