import Access
import Contract
import Hummingbird
import Jobs

/// The query of `GET /jobs`: filters, a place to go on from, and how many.
struct JobListQuery {
    private static let mostPerPage = 1000
    private static let names: Set<String> = [
        "tenant", "lane", "kind", "state", "cluster_id", "parent_id", "error", "since", "until", "after", "limit",
    ]

    let filter: JobFilter
    let after: JobID?
    let limit: Int

    /// - Throws: 403 for another tenant's jobs, 422 for values that cannot be used and for names that do not exist: a
    ///   misspelt filter would otherwise list everything.
    init(_ request: Request, caller: Identity) throws(APIError) {
        let query = QueryReader(request)
        try query.refuseOthers(than: Self.names)
        func text(_ name: String) -> String? { query.text(name) }
        var filter = JobFilter()
        filter.tenant = caller.may(.admin) ? text("tenant") : caller.tenant
        if let tenant = text("tenant"), tenant != filter.tenant {
            throw APIError(.forbidden, "this key sees the jobs of \(caller.tenant) only", field: "tenant")
        }
        if let name = text("lane") {
            guard let lane = Lane(rawValue: name) else {
                throw Self.invalid("lane", "is no lane", "Send critical, interactive, batch or bulk.")
            }
            filter.lane = lane
        }
        for name in text("state")?.split(separator: ",") ?? [] {
            guard let state = JobState(rawValue: String(name)) else {
                let states = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Self.invalid("state", "is no state", "Send one or more of \(states), separated by commas.")
            }
            filter.states.insert(state)
        }
        filter.kind = text("kind")
        filter.cluster = text("cluster_id")
        filter.errorCode = text("error")
        filter.parent = try query.jobID("parent_id")
        filter.since = try query.moment("since")
        filter.until = try query.moment("until")
        self.filter = filter
        after = try query.jobID("after")
        limit = try query.integer("limit", default: 50, in: 1...Self.mostPerPage)
    }

    private static func invalid(_ field: String, _ problem: String, _ hint: String?) -> APIError {
        APIError(.invalidValue, "\(field) \(problem)", field: field, hint: hint)
    }
}
