import FoundationEssentials
import Jobs
import Subprocess
import SystemPackage

/// Runs a job in a child of this very program, one at a time: a suspect has no neighbours.
actor ChildProcess: Isolation {
    /// Results travel as text; the largest decision is far smaller.
    private static let largestOutcome = 256 << 20

    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func run(_ job: ClaimedJob) async throws -> JobOutcome {
        await takeTurn()
        defer { passTurn() }
        try Task.checkCancellation()
        let order = try JSONEncoder().encode(IsolatedJob(job))
        // No teardown steps: a cancelled child is killed at once. It holds no lease and writes nothing.
        let ended = try await Subprocess.run(
            .path("/proc/self/exe"),
            arguments: [IsolatedProgram.flag],
            input: .array(Array(order)),
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
            return .retry(JobFailure(code: "internal_error", message: "something went wrong on our side"))
        }
        return .quarantined(.poison(ended.terminationStatus))
    }

    private func takeTurn() async {
        guard isBusy else { return isBusy = true }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func passTurn() {
        guard !waiting.isEmpty else { return isBusy = false }
        waiting.removeFirst().resume()
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
