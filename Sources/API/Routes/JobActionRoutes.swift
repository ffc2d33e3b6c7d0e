import Access
import Contract
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `GET /jobs`, `GET /jobs/{id}/attempts`, `POST /jobs/{id}/cancel` and `POST /jobs/{id}/retry`.
struct JobActionRoutes {
    let jobs: JobGateway

    func add(to group: RouterGroup<APIContext>) {
        group.get("jobs") { request, context in try await list(request, context) }
        group.get("jobs/:id/attempts") { _, context in try await attempts(context) }
        group.post("jobs/:id/cancel") { _, context in try await cancel(context) }
        group.post("jobs/:id/retry") { _, context in try await retry(context) }
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try JobListQuery(request, caller: try context.caller(.read))
        let page = try await jobs.ledger.jobs(query.filter, after: query.after, limit: query.limit)
        let next = page.next.map { "\"\($0)\"" } ?? "null"
        return Response(json: "{\"jobs\":\(OperatorsJSON.text(page.jobs)),\"next\":\(next)}")
    }

    private func attempts(_ context: APIContext) async throws -> Response {
        let job = try await find(context, .read)
        let attempts = try await jobs.ledger.attempts(of: job.id)
        return Response(json: "{\"job_id\":\"\(job.id)\",\"attempts\":\(OperatorsJSON.text(attempts))}")
    }

    /// 200 when the job has ended as cancelled (now or before), 202 when it runs and its worker has been told.
    private func cancel(_ context: APIContext) async throws -> Response {
        var job = try await find(context, .submit)
        if !job.state.isTerminal {
            try await jobs.cancel(job.id, tenant: job.tenant)
            job = try await jobs.ledger.summary(job.id, tenant: job.tenant) ?? job
        }
        guard job.state.isTerminal else { return Response(.accepted, json: OperatorsJSON.text(job)) }
        guard job.state == .cancelled else {
            throw APIError(
                .conflict,
                "the job has ended as \(job.state.rawValue) and cannot be cancelled any more",
                hint: "Nothing is left to do: it does not run."
            )
        }
        return Response(json: OperatorsJSON.text(job))
    }

    /// 202 with the job, which is queued again under its id.
    private func retry(_ context: APIContext) async throws -> Response {
        let job = try await find(context, .submit)
        let outcome = try await jobs.ledger.redrive([job.id], tenant: job.tenant)
        if let refusal = outcome.refused[job.id] {
            guard refusal != .notFound else { throw Self.notFound(job.id) }
            throw APIError(.conflict, "the job cannot run again: \(refusal.reason)", hint: Self.hint(refusal, job))
        }
        let again = try await jobs.ledger.summary(job.id, tenant: job.tenant) ?? job
        return Response(
            .accepted,
            json: OperatorsJSON.text(again),
            headers: [.location: "/api/v1/ml/jobs/\(job.id)"]
        )
    }

    private static func hint(_ refusal: RedriveRefusal, _ job: JobSummary) -> String {
        switch refusal {
        case .notEnded: "It is \(job.state.rawValue) and needs no help; follow it at /api/v1/ml/jobs/\(job.id)."
        case .childrenAlive: "Cancel it with /api/v1/ml/jobs/\(job.id)/cancel, or ask again in a moment."
        case .succeeded: "Its result is at /api/v1/ml/jobs/\(job.id)."
        case .cancelled, .discarded, .notFound: "Send the request again; it becomes a new job."
        }
    }

    /// The job the path names, if the caller may see it: another tenant's is not told from one that does not exist.
    private func find(_ context: APIContext, _ scope: Scope) async throws -> JobSummary {
        let caller = try context.caller(scope)
        let text = try context.parameters.require("id")
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a job id", field: "id")
        }
        let tenant = caller.may(.admin) ? nil : caller.tenant
        guard let job = try await jobs.ledger.summary(id, tenant: tenant) else { throw Self.notFound(id) }
        return job
    }

    private static func notFound(_ id: JobID) -> APIError {
        APIError(.jobNotFound, "there is no job \(id)", field: "id")
    }
}
