import Contract
import Foundation
import Scripts
import Subprocess
import SystemPackage
import Testing

/// The process itself: what it may do, and what becomes of it.
@Suite("The sandbox's process")
struct SandboxProcessTests {
    @Test(
        "dies of what it may not do",
        arguments: ["open", "socket", "exec", "fork", "parent", "stderr", "executable"]
    )
    func forbidden(_ what: String) async throws {
        let ended = try await Self.probe(what)

        #expect(ended.status == .signaled(SIGSYS))
        #expect(ended.output.isEmpty)
    }

    @Test("lives when it does nothing of that, and gets no memory beyond its bound")
    func permitted() async throws {
        let idle = try await Self.probe("nothing")
        #expect(idle.status == .exited(0))
        #expect(idle.output == "done\n")

        #expect(try await Self.probe("memory").status == .exited(3))
    }

    @Test("has given everything up while a script runs")
    func confined() async throws {
        // A number that no other run of this machine has tells which process it is.
        var limits = ScriptBench.limits
        limits.processorMilliseconds = Int.random(in: 60_000..<90_000)
        let sandbox = ScriptSandbox(limits: limits)
        let running = Task { try await ScriptBench.run(Self.endless, in: sandbox) }
        defer { running.cancel() }
        let folder = try await Self.folder(ofProcessWith: "\(limits.processorMilliseconds)")

        let status = try String(contentsOfFile: folder + "/status", encoding: .utf8)
        #expect(status.contains("Seccomp:\t2"), "no filter of system calls")
        #expect(status.contains("NoNewPrivs:\t1"))
        let bounds = try String(contentsOfFile: folder + "/limits", encoding: .utf8)
        #expect(Self.limit("Max file size", bounds) == ["0", "0"])
        #expect(Self.limit("Max open files", bounds) == ["3", "3"])
        #expect(Self.limit("Max processes", bounds) == ["0", "0"])
        #expect(Self.limit("Max core file size", bounds) == ["0", "0"])
        // The signal that tells it comes a second before the one that kills.
        let seconds = limits.processorMilliseconds / 1000 + 2
        #expect(Self.limit("Max cpu time", bounds) == ["\(seconds)", "\(seconds + 1)"])
        #expect(Self.limit("Max address space", bounds).first.flatMap { Int($0) } ?? .max < 256 << 20)
        // Closed to debuggers, it shows these to the superuser only.
        guard geteuid() == 0 else { return }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").sorted() == ["0", "1", "2"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/cwd") == "/")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/environ")).isEmpty)
    }

    @Test("an overdue process is killed and says so")
    func overdue() async throws {
        // Processor time is counted, and this patience is over long before.
        var limits = ScriptBench.limits
        limits.processorMilliseconds = 60_000
        limits.patience = .milliseconds(200)
        let run = try await ScriptBench.run(
            Self.endless,
            in: ScriptSandbox(limits: limits)
        )

        #expect(run.failure?.reason == .deadline)
        #expect(run.failure?.message.contains("did not end within") == true)
    }

    @Test("a cancelled caller takes the process with it")
    func cancelled() async throws {
        var limits = ScriptBench.limits
        limits.processorMilliseconds = 60_000
        let sandbox = ScriptSandbox(limits: limits)
        let task = Task {
            try await ScriptBench.run(Self.endless, in: sandbox)
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()

        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("without the program the reason is the sandbox, not the script")
    func missingProgram() async throws {
        let sandbox = ScriptSandbox(program: "/nowhere/cloudoptim-sandbox", limits: ScriptBench.limits)

        #expect(try await ScriptBench.run("x = 1", in: sandbox).failure?.reason == .sandboxUnavailable)
    }

    @Test("a program that is no sandbox gives no decision", arguments: ["/bin/true", "/bin/echo", "/bin/false"])
    func otherProgram(_ path: String) async throws {
        let sandbox = ScriptSandbox(program: FilePath(path), limits: ScriptBench.limits)
        let failure = try #require(try await ScriptBench.run("x = 1", in: sandbox).failure)

        #expect([.sandboxViolation, .sandboxUnavailable].contains(failure.reason))
    }

    @Test("an input beyond the sandbox's size is refused before anything starts")
    func largeInput() async throws {
        let run = try await ScriptBench.run(
            "function decide() return {} end",
            input: .string(String(repeating: "x", count: 9 << 20))
        )

        #expect(run.failure?.reason == .badInput)
    }

    @Test("many runs side by side do not disturb each other")
    func sideBySide() async throws {
        let answers = try await withThrowingTaskGroup(of: (Int, JSONValue?).self) { group in
            for number in 0..<24 {
                group.addTask {
                    let body = number % 4 == 3 ? "while true do end" : "return {n = input.n * 2}"
                    let run = try await ScriptBench.decide(body, input: ["n": .integer(Int64(number))])
                    return (number, try? run.result.get())
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }

        for number in 0..<24 {
            #expect(answers[number]?["n"]?.integer == (number % 4 == 3 ? nil : Int64(2 * number)))
        }
    }

    /// One call of C that takes for ever.
    private static let endless = "function decide() return {string.find(('a'):rep(40000), ('.-'):rep(30) .. 'b')} end"

    private static func probe(_ what: String) async throws -> (status: TerminationStatus, output: String) {
        let ended = try await Subprocess.run(
            .path(ScriptSandbox.programBesideOurs),
            arguments: ["--probe", what],
            output: .string(limit: 1000)
        )
        return (ended.terminationStatus, ended.standardOutput)
    }

    /// The folder in /proc of the confined sandbox that has this argument.
    private static func folder(ofProcessWith argument: String) async throws -> String {
        for _ in 0..<500 {
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(name) != nil {
                let folder = "/proc/\(name)"
                guard let bytes = FileManager.default.contents(atPath: folder + "/cmdline"),
                    bytes.split(separator: 0).contains(Data(argument.utf8)),
                    let status = try? String(contentsOfFile: folder + "/status", encoding: .utf8),
                    status.contains("Seccomp:\t2")
                else { continue }
                return folder
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NoProcess()
    }

    private struct NoProcess: Error {}

    /// Soft and hard limit of a line of /proc/PID/limits.
    private static func limit(_ name: String, _ text: String) -> [String] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return [] }
        return line.dropFirst(name.count).split(separator: " ").prefix(2).map(String.init)
    }
}
