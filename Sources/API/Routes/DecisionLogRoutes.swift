import Access
import Contract
import Decisions
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs

/// What became of earlier decisions: their log, and making one again.
struct DecisionLogRoutes {
    let jobs: JobGateway
    let archive: DecisionArchive
    let history: DecisionHistory
    let answers: SynchronousAnswer

    func add(to group: RouterGroup<APIContext>) {
        group.get("decisions/history") { request, context in
            try await list(request, context)
        }
        for type in DecisionType.allCases {
            for path in type.pathSegments {
                group.post("decision/\(path)/replay/:execution_id") { request, context in
                    try await replay(type, request, context)
                }
            }
        }
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try DecisionLogQuery(request, caller: try context.caller(.read))
        let entries = try await history.entries(query.filter, after: query.after, limit: query.limit)
        let next = entries.count == query.limit ? entries.last?.id : nil
        var headers = HTTPFields()
        if let next {
            headers[.link] = QueryReader(request).link(
                request.uri.path,
                DecisionLogQuery.names,
                limit: query.limit,
                after: next.description
            )
        }
        return Response(
            json: """
                {"decisions":[\(entries.map(\.json).joined(separator: ","))],"limit":\(query.limit),\
                "next":\(next.map { "\"\($0)\"" } ?? "null")}
                """,
            headers: headers
        )
    }

    /// 404 for what is no decision of this engine and tenant, 409 for one that has not been made, 410 once its input is gone.
    private func replay(_ type: DecisionType, _ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let text = try context.parameters.require("execution_id")
        guard let execution = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of an id", field: "execution_id")
        }
        guard let record = try await jobs.ledger.job(execution, tenant: caller.tenant),
            record.kind == JobKind(decision: type)?.name
        else { throw APIError(.notFound, "there is no \(type.rawValue) decision \(execution)", field: "execution_id") }
        guard record.state == .succeeded else {
            throw APIError(
                .conflict,
                "the decision \(execution) is \(record.state.rawValue): there is nothing to make again",
                field: "execution_id",
                hint: "Replay decisions that succeeded."
            )
        }
        do {
            try await archive.check(execution, tenant: caller.tenant)
        } catch is ArchiveGap {
            throw APIError(
                .gone,
                "the input of \(execution) is not kept any more",
                field: "execution_id",
                hint: "Inputs are kept for DECISION_INPUT_RETENTION_DAYS; the digest in its provenance stays."
            )
        }
        var job = NewJob(
            tenant: caller.tenant,
            kind: .decisionReplay,
            payload: "{\"execution_id\":\"\(execution)\"}"
        )
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        return try await answers.answer(job, Prefer(request.headers))
    }
}
