import FoundationEssentials
import Jobs

#if canImport(Glibc)
    import Glibc
#endif

/// Does nothing, durably: measures the queue and proves that a lane moves.
///
/// With faults allowed it also behaves as badly as jobs can, so that what protects the fleet from them can be seen at work.
struct DrillHandler: JobHandler {
    let kind = JobKind.drill
    /// Whether payloads may ask for misbehaviour; only for test fleets.
    let allowsFaults: Bool
    /// With faults allowed: what a drill may take, where the kind's limit would make a test long.
    var shorterLimit: Duration?

    var timeLimit: Duration { allowsFaults ? shorterLimit ?? kind.timeLimit : kind.timeLimit }

    /// What a drill's payload may ask for.
    private struct Order: Decodable {
        /// Works for this long, in steps, with progress and checkpoints.
        var seconds: Double?
        /// Fans out into this many drills of `child`.
        var children: Int?
        var child: String?
        var failFast: Bool?
        /// abort, memory, spin, ignore_cancel, fail, retry, snooze, rate_limit.
        var fault: String?
        /// The fault comes after the work instead of before it.
        var late: Bool?
        /// The fault stops after this many runs, whether they were charged or not.
        var until: Int?
    }

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        guard let order = try? JSONDecoder().decode(Order.self, from: Data(job.payload.utf8)) else { return Self.done }
        if order.late == true, let seconds = order.seconds { try await Self.work(for: seconds, job, context) }
        if let fault = order.fault, Self.runs(job) <= order.until ?? .max {
            guard allowsFaults else {
                return .failed(
                    JobFailure(code: "faults_not_allowed", message: "this fleet runs no drills that misbehave")
                )
            }
            if let outcome = try await Self.misbehave(fault, order, job) { return outcome }
        }
        if let count = order.children {
            let children = (0..<min(count, 10_000)).map { _ in
                NewJob(tenant: job.tenant, kind: .drill, payload: order.child ?? "{}", lane: job.lane)
            }
            return .fanOut(FanOut(children: children, failFast: order.failFast ?? false))
        }
        if let seconds = order.seconds, order.late != true { try await Self.work(for: seconds, job, context) }
        return Self.done
    }

    /// Which run this is: every claim and every release counts the epoch up.
    private static func runs(_ job: ClaimedJob) -> Int { Int(job.lease.epoch + 1) / 2 }

    private static let done = JobOutcome.succeeded(result: #"{"drill":true}"#)

    /// Works in twenty steps; a later attempt goes on after the last checkpoint.
    private static func work(for seconds: Double, _ job: ClaimedJob, _ context: JobContext) async throws {
        let steps = 20
        let first = job.checkpoint.flatMap { Int($0) } ?? 0
        for step in first..<max(steps, first) {
            try await Task.sleep(for: .seconds(seconds / Double(steps)))
            context.report(done: step + 1, of: steps)
            if step % 5 == 4 { try await context.checkpoint("\(step + 1)") }
        }
    }

    /// Takes memory, and uses it, until the process dies of it.
    private static func eatMemory() -> Never {
        while true {
            let piece = UnsafeMutableRawPointer.allocate(byteCount: 16 << 20, alignment: 4096)
            memset(piece, 1, 16 << 20)
        }
    }

    private static func misbehave(_ fault: String, _ order: Order, _ job: ClaimedJob) async throws -> JobOutcome? {
        let failure = JobFailure(code: "drill_fault", message: "the drill was told to \(fault)")
        switch fault {
        case "abort": abort()
        case "memory": eatMemory()
        case "spin": while true { await Task.yield() }
        case "ignore_cancel": while true { try? await Task.sleep(for: .milliseconds(50)) }
        case "fail": return .failed(failure)
        case "retry": return .retry(failure)
        case "snooze": return .snooze(.milliseconds(200))
        case "rate_limit": return .rateLimited(.milliseconds(200), failure)
        default:
            return .failed(JobFailure(code: "unknown_fault", message: "no drill knows the fault \(fault.prefix(40))"))
        }
    }
}
