import FoundationEssentials
import Jobs

/// A job on its way into a process of its own.
///
/// The lease stays with the parent, who renews it and reports the end; the child only says under it how far it is.
struct IsolatedJob: Codable {
    private let id: String
    private let epoch: Int64
    private let tenant: String
    private let cluster: String
    private let lane: String
    private let kind: String
    private let payloadVersion: Int
    private let payload: String
    private let attempt: Int
    private let maxAttempts: Int
    private let acceptedAt: Double
    private let requestID: String?
    private let traceparent: String?
    private let checkpoint: String?
    /// The lease's owner, in whose name the child reports how far it is.
    let owner: UUID

    init(_ job: ClaimedJob, owner: UUID) {
        self.owner = owner
        id = job.id.description
        epoch = job.lease.epoch
        tenant = job.tenant
        cluster = job.cluster
        lane = job.lane.rawValue
        kind = job.kind.name
        payloadVersion = job.payloadVersion
        payload = job.payload
        attempt = job.attempt
        maxAttempts = job.maxAttempts
        acceptedAt = job.acceptedAt.timeIntervalSince1970
        requestID = job.requestID
        traceparent = job.traceparent
        checkpoint = job.checkpoint
    }

    /// The job again; nil when this build does not know its kind.
    var job: ClaimedJob? {
        guard let id = JobID(id), let lane = Lane(rawValue: lane), let kind = JobKind.named(kind) else { return nil }
        return ClaimedJob(
            lease: Lease(job: id, epoch: epoch),
            tenant: tenant,
            cluster: cluster,
            lane: lane,
            kind: kind,
            payloadVersion: payloadVersion,
            payload: payload,
            attempt: attempt,
            maxAttempts: maxAttempts,
            acceptedAt: Date(timeIntervalSince1970: acceptedAt),
            requestID: requestID,
            traceparent: traceparent,
            checkpoint: checkpoint
        )
    }
}

/// An outcome on its way out of a process of its own.
enum IsolatedOutcome: Codable {
    case succeeded(result: String)
    case failed(JobFailure)
    case retry(JobFailure, afterSeconds: Double?)
    case rateLimited(seconds: Double, JobFailure)
    case snooze(seconds: Double)
    case cancelled

    init(_ outcome: JobOutcome) {
        switch outcome {
        case .succeeded(let result): self = .succeeded(result: result)
        case .failed(let failure), .quarantined(let failure): self = .failed(failure)
        case .retry(let failure, let notBefore):
            self = .retry(failure, afterSeconds: notBefore.map { $0 / .seconds(1) })
        case .rateLimited(let pause, let failure): self = .rateLimited(seconds: pause / .seconds(1), failure)
        case .snooze(let pause): self = .snooze(seconds: pause / .seconds(1))
        case .fanOut:
            self = .failed(
                JobFailure(
                    code: "cannot_fan_out",
                    message: "the processes that ran this job died, and alone in a process it cannot spread its work",
                    hint: "Send its parts as jobs of their own."
                )
            )
        case .cancelled: self = .cancelled
        }
    }

    var outcome: JobOutcome {
        switch self {
        case .succeeded(let result): .succeeded(result: result)
        case .failed(let failure): .failed(failure)
        case .retry(let failure, let seconds): .retry(failure, notBefore: seconds.map { .seconds($0) })
        case .rateLimited(let seconds, let failure): .rateLimited(.seconds(seconds), failure)
        case .snooze(let seconds): .snooze(.seconds(seconds))
        case .cancelled: .cancelled
        }
    }
}
