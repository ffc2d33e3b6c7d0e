package import Contract
import Subprocess
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Has an upload read by a process of its own, which ends with it: `cloudoptim-importer`.
///
/// The process has memory and processor time within limits, no files, no network, no children. A crash, a bomb or a loop in
/// it is a refused upload, and nothing else.
package struct ModelImporter: Sendable {
    package struct Limits: Sendable {
        /// Bytes of address space: what the largest allowed model takes while it is read.
        package var memoryBytes: Int = 4 << 30
        package var processorSeconds = 30
        /// Bytes of the form that is written.
        package var formBytes: Int64 = 1 << 30
        /// Wall clock; a busy machine needs more of it than of the processor's.
        package var patience: Duration = .seconds(120)

        package init() {}
    }

    package enum Outcome: Sendable {
        case ready(form: SpooledFile, description: JSONValue)
        /// Reason, message and offset.
        case refused(JSONValue)
        /// The process could not be run: the upload is not at fault.
        case unavailable(String)
    }

    /// One file as the process gets it.
    package struct Part: Sendable {
        package let name: String
        package let size: Int64

        package init(name: String, size: Int64) {
            self.name = name
            self.size = size
        }
    }

    let program: FilePath
    let limits: Limits

    package init(program: FilePath, limits: Limits = Limits()) {
        self.program = program
        self.limits = limits
    }

    /// Reads a model.
    ///
    /// - Parameters:
    ///   - input: The parts, one after the other.
    ///   - parts: What they are.
    ///   - output: An empty file for the report and the form.
    /// - Returns: The form, or why there is none.
    /// - Throws: `CancellationError`, and errors of the files.
    package func run(_ input: SpooledFile, parts: [Part], output: SpooledFile) async throws -> Outcome {
        try input.rewind()
        let status = try await withThrowingTaskGroup(of: Ending.self) { group in
            group.addTask { try await start(input, parts, output) }
            group.addTask { [patience = limits.patience] in
                try await Task.sleep(for: patience)
                return .overdue
            }
            // The loser is cancelled; a cancelled process is killed at once, and the group waits for that.
            defer { group.cancelAll() }
            return try await group.next() ?? .overdue
        }
        try Task.checkCancellation()
        switch status {
        case .ended(.exited(0)): return try await report(output)
        // A model makes faults, which are signals; it has no way to a status of ours.
        case .ended(.exited(let code)): return .unavailable("the importer ended with status \(code)")
        // The system's own kill, when memory runs out on the machine: processor time speaks by a signal of its own.
        case .ended(.signaled(SIGKILL)): return .unavailable("the importer was killed; is there memory for it?")
        case .ended(.signaled(let signal)): return .refused(Self.refusal(signal, limits))
        case .overdue: return .unavailable("reading it did not end within \(limits.patience)")
        case .notStarted(let why): return .unavailable(why)
        }
    }

    private enum Ending: Sendable {
        case ended(TerminationStatus)
        case overdue
        case notStarted(String)
    }

    private func start(_ input: SpooledFile, _ parts: [Part], _ output: SpooledFile) async throws -> Ending {
        let limits = ["\(limits.memoryBytes)", "\(limits.processorSeconds)", "\(limits.formBytes)"]
        do {
            let ended = try await Subprocess.run(
                .path(program),
                arguments: .init(limits + parts.map { "\($0.name)=\($0.size)" }),
                environment: .custom([:] as [Environment.Key: String]),
                workingDirectory: "/",
                input: .fileDescriptor(input.descriptor, closeAfterSpawningProcess: false),
                output: .fileDescriptor(output.descriptor, closeAfterSpawningProcess: false),
                error: .discarded
            )
            return .ended(ended.terminationStatus)
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            return .notStarted("\(program.lastComponent?.string ?? "the importer") cannot be run: \(error)")
        }
    }

    /// The output begins with the length of the report in four bytes, little end first.
    private func report(_ output: SpooledFile) async throws -> Outcome {
        let head = try await output.read(at: 0, count: 4)
        let length = head.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        guard head.count == 4, length <= 16 << 20 else { return .unavailable("the importer wrote no report") }
        let report = try JSONParser.parse(try await output.read(at: 4, count: length))
        if let refusal = report["refusal"] { return .refused(refusal) }
        guard let description = report["description"] else { return .unavailable("the importer wrote no report") }
        let form = try await output.tail(from: 4 + Int64(length))
        return .ready(form: form, description: description)
    }

    private static func refusal(_ signal: Int32, _ limits: Limits) -> JSONValue {
        switch signal {
        case SIGXCPU:
            refusal("limit-exceeded", "reading it took more than \(limits.processorSeconds) s of processor time")
        case SIGXFSZ:
            refusal("limit-exceeded", "its form is larger than \(limits.formBytes >> 20) MiB")
        case SIGSYS:
            refusal("malformed", "reading it made a system call that no model needs")
        default:
            // A failed allocation ends a Swift process by a trap, as any other fault does.
            refusal(
                "limit-exceeded",
                "reading it ended the reader by signal \(signal): it needs more than \(limits.memoryBytes >> 20) MiB, or is malformed"
            )
        }
    }

    private static func refusal(_ reason: String, _ message: String) -> JSONValue {
        ["reason": .string(reason), "message": .string(message), "offset": .null]
    }
}
