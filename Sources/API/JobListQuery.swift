import Access
import Contract
import FoundationEssentials
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
        let query = request.uri.queryParameters
        for (name, _) in query where !Self.names.contains(String(name)) {
            throw APIError(
                .invalidValue,
                "\(name.prefix(60)) is no filter",
                field: String(name.prefix(60)),
                hint: "Filters are \(Self.names.sorted().joined(separator: ", "))."
            )
        }
        func text(_ name: String) -> String? { query[name[...]].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }
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
        filter.parent = try Self.id(text("parent_id"), "parent_id")
        filter.since = try Self.moment(text("since"), "since")
        filter.until = try Self.moment(text("until"), "until")
        self.filter = filter
        after = try Self.id(text("after"), "after")
        let limit = text("limit") ?? "50"
        guard let limit = Int(limit), (1...Self.mostPerPage).contains(limit) else {
            throw Self.invalid("limit", "must be a whole number from 1 to \(Self.mostPerPage)", nil)
        }
        self.limit = limit
    }

    private static func invalid(_ field: String, _ problem: String, _ hint: String?) -> APIError {
        APIError(.invalidValue, "\(field) \(problem)", field: field, hint: hint)
    }

    private static func id(_ text: String?, _ field: String) throws(APIError) -> JobID? {
        guard let text else { return nil }
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a job id", field: field)
        }
        return id
    }

    private static func moment(_ text: String?, _ field: String) throws(APIError) -> Date? {
        guard let text else { return nil }
        guard let moment = Timestamp(text) else {
            throw invalid(field, "is no time", "Send a time such as 2026-11-24T08:00:00Z.")
        }
        return Date(timeIntervalSince1970: moment.secondsSinceEpoch)
    }
}
