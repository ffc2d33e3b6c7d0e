import Contract
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// Answers a request with the result of a job: the queue hides behind a wait, as RFC 7240 describes.
struct SynchronousAnswer {
    let jobs: JobGateway
    /// How long a caller without a `Prefer` header waits.
    let defaultWait: Duration

    /// 200 with the result when it is there in time; 202 with the job for callers who said they can take it.
    func answer(_ job: NewJob, _ prefer: Prefer) async throws -> Response {
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
                "the answer is not ready after \(limit.components.seconds) seconds; it goes on"
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
