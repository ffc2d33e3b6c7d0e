import FoundationEssentials
import Jobs
import Scripts
import Subprocess
import SystemPackage

/// Runs a job in a child of this very program, one at a time: a suspect has no neighbours.
actor ChildProcess: Isolation {
    /// Results travel as text; the largest decision is far smaller.
    private static let largestOutcome = 256 << 20

    private let owner: UUID
    private var isBusy = false
    private var waiting: [(number: Int, continuation: CheckedContinuation<Void, Never>)] = []
    private var lastNumber = 0
    /// Whose turn has come and who has not noticed yet.
    private var granted: Set<Int> = []

    /// - Parameter owner: The worker's id, which holds the leases.
    init(owner: UUID) {
        self.owner = owner
    }

    func run(_ job: ClaimedJob) async throws -> JobOutcome {
        try Task.checkCancellation()
        let order = try JSONEncoder().encode(IsolatedJob(job, owner: owner))
        guard let input = FileDescriptor.unnamedFile(holding: Array(order)) else { return .snooze(.seconds(2)) }
        defer { try? input.close() }
        // No teardown steps: a cancelled child is killed at once. What it may write late, its lease's epoch refuses.
        let ended = try await Subprocess.run(
            .path("/proc/self/exe"),
            arguments: [IsolatedProgram.flag],
            input: .fileDescriptor(input, closeAfterSpawningProcess: false),
            output: .bytes(limit: Self.largestOutcome),
            error: .currentStandardError
        )
        try Task.checkCancellation()
        if case .exited(0) = ended.terminationStatus,
            let outcome = try? JSONDecoder().decode(IsolatedOutcome.self, from: Data(ended.standardOutput))
        {
            return outcome.outcome
        }
        if case .exited(IsolatedProgram.couldNotBegin) = ended.terminationStatus {
            // PostgreSQL restarts, perhaps: that is no attempt of the job's.
            return .snooze(.seconds(2))
        }
        return .quarantined(.poison(ended.terminationStatus))
    }

    func inTurn<Result: Sendable>(_ body: @Sendable () async -> Result) async -> Result {
        guard await takeTurn() else { return await body() }
        defer { passTurn() }
        return await body()
    }

    /// False when the task was cancelled before its turn came.
    private func takeTurn() async -> Bool {
        guard isBusy else {
            isBusy = true
            return true
        }
        lastNumber += 1
        let number = lastNumber
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                waiting.append((number, continuation))
            }
        } onCancel: {
            Task { await self.leave(number) }
        }
        return granted.remove(number) != nil
    }

    private func leave(_ number: Int) {
        guard let place = waiting.firstIndex(where: { $0.number == number }) else { return }
        waiting.remove(at: place).continuation.resume()
    }

    private func passTurn() {
        guard !waiting.isEmpty else { return isBusy = false }
        let next = waiting.removeFirst()
        granted.insert(next.number)
        next.continuation.resume()
    }
}

extension JobFailure {
    /// A suspect's process died as well: now it is certain.
    fileprivate static func poison(_ status: TerminationStatus) -> JobFailure {
        let how =
            switch status {
            case .exited(let code): "ended with status \(code)"
            case .signaled(let signal): "was killed by signal \(signal)"
            }
        return JobFailure(
            code: JobFailure.poison.code,
            message: "workers died with this job, and alone in a process of its own that process \(how)",
            hint: JobFailure.poison.hint
        )
    }
}
