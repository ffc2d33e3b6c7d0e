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
    let body: RequestBody
    let validator: DecisionValidator
    let answers: SynchronousAnswer

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
        let bytes = try Explain(request).added(to: try await body.read(request))
        let cluster = try await validator.check(bytes, type: type)
        var job = NewJob(tenant: caller.tenant, kind: kind, payload: String(decoding: bytes, as: UTF8.self))
        job.cluster = cluster
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: kind, body: bytes)
        return try await answers.answer(job, Prefer(request.headers))
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
