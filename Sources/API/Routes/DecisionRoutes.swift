import Access
import Contract
import Crypto
import Engines
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `POST /decision/*`: a decision as a durable job behind an ordinary request.
struct DecisionRoutes {
    let jobs: JobGateway
    let body: RequestBody
    let validator: DecisionValidator
    /// How long a caller without a `Prefer` header waits.
    let defaultWait: Duration

    func add(to group: RouterGroup<APIContext>) {
        for type in DecisionType.allCases {
            guard let kind = JobKind(decision: type), DecisionEngines.engine(for: type) != nil else { continue }
            for path in type.pathSegments {
                group.post("decision/\(path)") { request, context in
                    try await decide(type, kind, request, context)
                }
            }
        }
    }

    private func decide(
        _ type: DecisionType,
        _ kind: JobKind,
        _ request: Request,
        _ context: APIContext
    ) async throws -> Response {
        let caller = try context.caller(.submit)
        let bytes = try await body.read(request)
        let cluster = try await validator.check(bytes, type: type)
        var job = NewJob(tenant: caller.tenant, kind: kind, payload: String(decoding: bytes, as: UTF8.self))
        job.cluster = cluster
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: kind, body: bytes)
        return try await answer(job, Prefer(request.headers), context)
    }

    /// 200 with the decision when it is there in time; 202 with the job for callers who said they can take it.
    private func answer(_ job: NewJob, _ prefer: Prefer, _ context: APIContext) async throws -> Response {
        if prefer.respondsAsync, prefer.wait == nil {
            let receipt = try await jobs.intake.accept(job)
            // What a new job looks like is known; only an earlier request's job must be looked up.
            if !receipt.isDuplicate { return accepted(JobStatusBody(new: job), applied: "respond-async") }
            return try await accepted(receipt.id, tenant: job.tenant, applied: "respond-async")
        }
        let limit = prefer.wait.map { min(.seconds($0), JobGateway.longestWait) } ?? defaultWait
        let (id, record) = try await jobs.acceptAndWait(job, atMost: limit)
        if let record { return try response(record) }
        guard prefer.isStated else {
            var error = APIError(
                .timeout,
                "the decision is not ready after \(limit.components.seconds) seconds; it goes on"
            )
            error.jobID = id.description
            throw error
        }
        return try await accepted(id, tenant: job.tenant, applied: prefer.wait.map { "wait=\($0)" })
    }

    private func accepted(_ id: JobID, tenant: String, applied: String?) async throws -> Response {
        guard let record = try await jobs.ledger.job(id, tenant: tenant) else {
            throw APIError.unavailable("the job \(id) was accepted but cannot be read")
        }
        return accepted(JobStatusBody(record), applied: applied)
    }

    private func accepted(_ body: JobStatusBody, applied: String?) -> Response {
        var headers: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .location: "/api/v1/ml/jobs/\(body.jobID)",
        ]
        headers[.preferenceApplied] = applied
        return Response(status: .accepted, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.bytes)))
    }

    private func response(_ record: JobRecord) throws -> Response {
        guard record.state == .succeeded, let result = record.result else { throw APIError(ended: record) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json; charset=utf-8", .contentLocation: "/api/v1/ml/jobs/\(record.id)",
            ],
            body: .init(byteBuffer: ByteBuffer(string: result))
        )
    }
}

extension JobKind {
    /// The kind of job that makes decisions of this type; nil while no engine does.
    init?(decision type: DecisionType) {
        guard let kind = JobKind.named("decision.\(type.rawValue)") else { return nil }
        self = kind
    }

    /// The type of decision that jobs of this kind make; nil for other kinds.
    var decision: DecisionType? {
        name.hasPrefix("decision.") ? DecisionType(rawValue: String(name.dropFirst("decision.".count))) : nil
    }
}

extension APIError {
    /// What a caller who waits hears about a job that did not succeed.
    init(ended record: JobRecord) {
        let failure = record.failure
        let code = failure.flatMap { APIError.Code(rawValue: $0.code) } ?? .internalError
        self.init(
            code,
            failure?.message ?? "the job \(record.state.rawValue)",
            field: failure?.field,
            hint: failure?.hint
        )
        self.jobID = record.id.description
    }
}
