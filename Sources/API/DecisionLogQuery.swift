import Access
import Contract
import Decisions
import FoundationEssentials
import Hummingbird
import Jobs

/// The query of `GET /decisions/history`.
struct DecisionLogQuery {
    private static let mostPerPage = 500
    static let names: Set<String> = [
        "tenant", "engine_id", "decision_type", "cluster_id", "state", "since", "until", "after", "limit",
    ]

    let filter: DecisionFilter
    let after: JobID?
    let limit: Int

    /// - Throws: 403 for another tenant's decisions, 422 for names and values that make no sense.
    init(_ request: Request, caller: Identity) throws(APIError) {
        let query = QueryReader(request)
        try query.refuseOthers(than: Self.names)
        var filter = DecisionFilter(tenant: caller.may(.admin) ? query.text("tenant") : caller.tenant)
        if let tenant = query.text("tenant"), tenant != filter.tenant {
            throw APIError(.forbidden, "this key sees the decisions of \(caller.tenant) only", field: "tenant")
        }
        // Built-in engines are known by the type of their decisions, uploaded ones by their id.
        for name in ["engine_id", "decision_type"] {
            guard let text = query.text(name) else { continue }
            if name == "engine_id", let id = UUID(uuidString: text) {
                filter.customEngine = id
                continue
            }
            if name == "engine_id", let builtin = BuiltinEngine(id: text) {
                filter.type = builtin.type.rawValue
                continue
            }
            guard let type = DecisionType(name: text) else {
                let types = DecisionType.allCases.map(\.rawValue).joined(separator: ", ")
                throw APIError(.invalidValue, "\(name) is no engine", field: name, hint: "Send one of \(types).")
            }
            filter.type = type.rawValue
        }
        if let name = query.text("state") {
            guard let state = JobState(rawValue: name), state.isTerminal else {
                throw APIError(
                    .invalidValue,
                    "state is no state of an ended job",
                    field: "state",
                    hint: "Send succeeded, failed, cancelled or dead."
                )
            }
            filter.state = state
        }
        filter.cluster = query.text("cluster_id")
        filter.since = try query.moment("since")
        filter.until = try query.moment("until")
        self.filter = filter
        after = try query.jobID("after")
        limit = try query.integer("limit", default: 50, in: 1...Self.mostPerPage)
    }
}
