import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import Logging
import NIOCore

/// `POST /jobs` and `POST /jobs:batch`: jobs of any kind, now or later, one or a thousand.
struct SubmissionRoutes {
    /// More in one request would hold its connection for too long.
    private static let largestBatch = 1000

    let jobs: JobGateway
    let body: RequestBody
    let submission: JobSubmission

    func add(to group: RouterGroup<APIContext>) {
        group.post("jobs") { request, context in try await one(request, context) }
        group.post("jobs:batch") { request, context in try await batch(request, context) }
    }

    private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let bytes = try await body.read(request)
        var job = try await submission.job(JSONReader(try RequestBody.parse(bytes)), caller: caller)
        if job.idempotency == nil { job.idempotency = try IdempotencyKey(request, kind: job.kind, body: bytes) }
        describe(&job, request, context)
        let receipt = try await jobs.intake.accept(job)
        var status = JobStatusBody(new: job)
        if receipt.isDuplicate, let record = try await jobs.ledger.job(receipt.id, tenant: caller.tenant) {
            status = JobStatusBody(record)
        }
        return Response(
            status: .accepted,
            headers: [
                .contentType: "application/json; charset=utf-8", .location: "/api/v1/ml/jobs/\(receipt.id)",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: status.bytes))
        )
    }

    /// Each job stands for itself: some may be refused while others are accepted, and the answer says which.
    private func batch(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let items = try await body.document(request).required("jobs").elements()
        guard (1...Self.largestBatch).contains(items.count) else {
            throw APIError(
                .invalidValue,
                "jobs must hold 1 to \(Self.largestBatch) items, not \(items.count)",
                field: "jobs",
                hint: "Split the batch."
            )
        }
        var outcomes: [Outcome] = []
        for item in items {
            do {
                var job = try await submission.job(item, caller: caller)
                describe(&job, request, context)
                outcomes.append(.accepted(job))
            } catch let error as APIError {
                outcomes.append(.refused(error))
            }
        }
        try await accept(&outcomes, context)
        let accepted = outcomes.count { $0.isAccepted }
        let answer: JSONValue = [
            "accepted": .integer(Int64(accepted)), "refused": .integer(Int64(outcomes.count - accepted)),
            "jobs": .array(outcomes.enumerated().map { $0.element.json(index: $0.offset) }),
        ]
        return Response(
            status: .accepted,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(bytes: answer.bytes()))
        )
    }

    private func accept(_ outcomes: inout [Outcome], _ context: APIContext) async throws {
        let places = outcomes.indices.filter { outcomes[$0].isAccepted }
        let wanted = outcomes.compactMap(\.job)
        for (place, result) in zip(places, try await jobs.intake.accept(batch: wanted)) {
            do {
                outcomes[place] = .done(try result.get())
            } catch let error as JobError {
                outcomes[place] = .refused(ErrorMiddleware.describe(error))
            } catch {
                context.logger.error("a job of a batch was not accepted", metadata: ["error": "\(error)"])
                outcomes[place] = .refused(.unavailable("the ledger did not take this job; send it again"))
            }
        }
    }

    private func describe(_ job: inout NewJob, _ request: Request, _ context: APIContext) {
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
    }
}

/// What became of one job of a batch.
private enum Outcome {
    case accepted(NewJob)
    case done(JobReceipt)
    case refused(APIError)

    var job: NewJob? {
        if case .accepted(let job) = self { job } else { nil }
    }

    var isAccepted: Bool {
        if case .refused = self { false } else { true }
    }

    func json(index: Int) -> JSONValue {
        switch self {
        case .accepted: ["index": .integer(Int64(index))]
        case .done(let receipt):
            [
                "index": .integer(Int64(index)), "job_id": .string(receipt.id.description),
                "duplicate": .bool(receipt.isDuplicate),
            ]
        case .refused(let error):
            [
                "index": .integer(Int64(index)),
                "error": [
                    "code": .string(error.code.rawValue), "message": .string(error.message),
                    "field": .optional(error.field), "hint": .string(error.hint),
                ],
            ]
        }
    }
}
