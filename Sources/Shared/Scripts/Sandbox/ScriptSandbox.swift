import Contract
import Subprocess
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Runs scripts, each in a process of its own that ends with the run.
///
/// The process is `cloudoptim-sandbox`, a small C program: Lua's errors never meet a Swift frame, and a crash, a leak or a
/// call that does not end costs nothing but that process.
package struct ScriptSandbox: Sendable {
    package let program: FilePath
    package let limits: ScriptLimits

    package init(program: FilePath = ScriptSandbox.programBesideOurs, limits: ScriptLimits = .standard) {
        _ = Self.brokenPipesAreErrors
        self.program = program
        self.limits = limits
    }

    /// A sandbox that dies before it has read its request must not take this process with it, as the signal would.
    private static let brokenPipesAreErrors: Void = {
        signal(SIGPIPE, SIG_IGN)
    }()

    /// The program as it is installed and built: in the folder of the running one.
    package static let programBesideOurs = FilePath.program(besideOurs: "cloudoptim-sandbox")

    /// Runs a script to its end, or to the end of its limits.
    ///
    /// - Throws: `CancellationError` only; the process is then gone too.
    package func run(_ question: ScriptQuestion) async throws -> ScriptRun {
        let request = question.bytes
        guard request.count <= limits.inputBytes else {
            return ScriptRun(
                failure: ScriptFailure(
                    .badInput,
                    "request, prices and built-in decision take \(request.count >> 20) MiB; "
                        + "a script gets \(limits.inputBytes >> 20) MiB at most"
                )
            )
        }
        // A large decision, changed here and there, is a large answer.
        let ending = try await ending(of: request, outputBytes: limits.outputBytes + 2 * question.builtinBytes)
        try Task.checkCancellation()
        switch ending {
        case .overdue:
            return ScriptRun(failure: ScriptFailure(.deadline, "the run did not end within \(limits.patience)"))
        case .notStarted(let why):
            return ScriptRun(failure: ScriptFailure(.sandboxUnavailable, why))
        case .tooMuch:
            return ScriptRun(failure: ScriptFailure(.badOutput, "the sandbox wrote more than an answer may hold"))
        case .ended(let status, let output):
            if case .exited(0) = status, let run = ScriptRun(verdict: output) { return run }
            return ScriptRun(failure: Self.failure(of: status))
        }
    }

    private enum Ending: Sendable {
        case ended(TerminationStatus, [UInt8])
        case overdue
        case tooMuch
        case notStarted(String)
    }

    private func ending(of request: [UInt8], outputBytes: Int) async throws -> Ending {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { try await start(request, outputBytes) }
            group.addTask { [patience = limits.patience] in
                try await Task.sleep(for: patience)
                return .overdue
            }
            // The loser is cancelled; a cancelled process is killed at once, and the group waits for that.
            defer { group.cancelAll() }
            return try await group.next() ?? .overdue
        }
    }

    private func start(_ request: [UInt8], _ outputBytes: Int) async throws -> Ending {
        guard let input = FileDescriptor.unnamedFile(holding: request) else {
            return .notStarted("the request cannot be kept for the script's process; is /tmp writable?")
        }
        defer { try? input.close() }
        do {
            let ended = try await Subprocess.run(
                .path(program),
                arguments: .init([
                    "\(request.count)", "\(limits.instructions)", "\(limits.memoryBytes)",
                    "\(limits.processorMilliseconds)", "\(outputBytes)",
                ]),
                environment: .custom([:] as [Environment.Key: String]),
                workingDirectory: "/",
                input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .bytes(limit: outputBytes + Self.verdictBytes),
                error: .discarded
            )
            return .ended(ended.terminationStatus, ended.standardOutput)
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            return .tooMuch
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            return .notStarted("\(program.lastComponent?.string ?? "the sandbox") cannot be run: \(error)")
        }
    }

    /// Head, log and message of a verdict take less.
    private static let verdictBytes = 64 << 10

    private static func failure(of status: TerminationStatus) -> ScriptFailure {
        switch status {
        case .signaled(SIGSYS):
            ScriptFailure(.sandboxViolation, "the script's process made a system call it may not make")
        case .signaled(SIGXCPU), .signaled(SIGKILL):
            ScriptFailure(.deadline, "the script's process was killed by the system's own limits")
        case .signaled(let signal):
            ScriptFailure(.sandboxViolation, "the script's process was ended by signal \(signal)")
        case .exited(let code):
            ScriptFailure(.sandboxViolation, "the script's process ended with status \(code) and without an answer")
        }
    }
}
