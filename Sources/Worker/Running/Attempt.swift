import Jobs
import Synchronization

/// One run of a handler within its time: cancelled when the time is over, given up when it does not obey.
///
/// A handler that ignores cancellation cannot be stopped inside a process; giving it up frees its job, and the caller must
/// see to the process.
final class Attempt: Sendable {
    /// What a cancelled handler may take to come back.
    static let grace: Duration = .seconds(3)

    enum End: Sendable {
        case outcome(JobOutcome)
        /// The handler goes on, long after it was cancelled.
        case stuck
    }

    private enum Reason {
        case timeLimit, deadline, cancelled
    }

    private struct State {
        var work: Task<Void, Never>?
        var reason: Reason?
        var continuation: CheckedContinuation<End, Never>?
        var isCancelled = false
    }

    private let job: ClaimedJob
    private let timeLimit: Duration
    private let grace: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - job: What is to be run.
    ///   - timeLimit: The longest it may run; nil takes its kind's.
    ///   - grace: What a cancelled handler may take to come back.
    init(_ job: ClaimedJob, timeLimit: Duration? = nil, grace: Duration = Attempt.grace) {
        self.job = job
        self.timeLimit = timeLimit ?? job.kind.timeLimit
        self.grace = grace
    }

    /// Runs `body` to its end, or to the end of our patience.
    func run(_ body: @escaping @Sendable () async -> JobOutcome) async -> End {
        let limit = min(timeLimit, job.timeLeft ?? .seconds(86_400))
        let isDeadline = job.timeLeft.map { $0 <= timeLimit } ?? false
        let alarm = Task {
            try await Task.sleep(for: max(limit, .zero))
            stop(isDeadline ? .deadline : .timeLimit)
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.continuation = continuation }
                let work = Task { settle(.outcome(judge(await body()))) }
                let isCancelled = state.withLock { state in
                    state.work = work
                    return state.isCancelled
                }
                if isCancelled { work.cancel() }
            }
        } onCancel: {
            stop(.cancelled)
        }
    }

    private func stop(_ reason: Reason) {
        let work = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            state.isCancelled = true
            return state.work
        }
        work?.cancel()
        Task {
            try? await Task.sleep(for: grace)
            settle(.stuck)
        }
    }

    private func settle(_ end: End) {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: end)
    }

    /// What a handler says after it was stopped depends on why it was stopped.
    private func judge(_ outcome: JobOutcome) -> JobOutcome {
        switch (outcome, state.withLock(\.reason)) {
        case (.succeeded, _), (.failed, _), (.quarantined, _): outcome
        case (_, .timeLimit) where job.isSuspect: .quarantined(.timeLimit(timeLimit, of: job.kind))
        case (_, .timeLimit): .retry(.timeLimit(timeLimit, of: job.kind))
        case (_, .deadline): .failed(.deadlineExceeded)
        default: outcome
        }
    }
}

extension JobFailure {
    static func timeLimit(_ limit: Duration, of kind: JobKind) -> JobFailure {
        JobFailure(
            code: "time_limit",
            message: "the job ran longer than the \(limit.components.seconds) s that \(kind) may take",
            hint: "Send less at once."
        )
    }
}
