import Contract
import Foundation
import Scripts
import SystemPackage
import Testing

/// The process itself: what it may do, and what becomes of it.
@Suite("The sandbox's process")
struct SandboxProcessTests {
    @Test(
        "dies of what it may not do",
        arguments: ["open", "socket", "exec", "fork", "parent", "stderr", "executable"]
    )
    func forbidden(_ what: String) throws {
        let (process, output) = try Self.finished(["--probe", what])

        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == SIGSYS)
        #expect(output.isEmpty)
    }

    @Test("lives when it does nothing of that, and gets no memory beyond its bound")
    func permitted() throws {
        let (idle, output) = try Self.finished(["--probe", "nothing"])
        #expect(idle.terminationStatus == 0)
        #expect(output == "done\n")

        #expect(try Self.finished(["--probe", "memory"]).0.terminationStatus == 3)
    }

    @Test("has given up everything before it reads a byte")
    func confined() async throws {
        let input = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: ScriptSandbox.programBesideOurs.string)
        process.arguments = ["1000", "1000", "8388608", "500", "65536"]
        process.environment = ["SECRET": "1"]
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let folder = "/proc/\(process.processIdentifier)"

        // It has not been sent anything; it waits.
        var status = ""
        for _ in 0..<500 where !status.contains("Seccomp:\t2") {
            try await Task.sleep(for: .milliseconds(10))
            status = (try? String(contentsOfFile: folder + "/status", encoding: .utf8)) ?? ""
        }

        #expect(status.contains("Seccomp:\t2"), "no filter of system calls")
        #expect(status.contains("NoNewPrivs:\t1"))
        let limits = try String(contentsOfFile: folder + "/limits", encoding: .utf8)
        #expect(Self.limit("Max file size", limits) == ["0", "0"])
        #expect(Self.limit("Max open files", limits) == ["3", "3"])
        #expect(Self.limit("Max processes", limits) == ["0", "0"])
        #expect(Self.limit("Max core file size", limits) == ["0", "0"])
        #expect(Self.limit("Max cpu time", limits) == ["2", "2"])
        #expect(Self.limit("Max address space", limits).first.flatMap { Int($0) } ?? .max < 128 << 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").sorted() == ["0", "1", "2"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/cwd") == "/")
    }

    @Test("an overdue process is killed and says so")
    func overdue() async throws {
        // Processor time is counted, and this patience is over long before.
        var limits = ScriptBench.limits
        limits.processorMilliseconds = 60_000
        limits.patience = .milliseconds(200)
        let run = try await ScriptBench.run(
            "function decide() return {string.find(('a'):rep(40000), ('.-'):rep(30) .. 'b')} end",
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
            try await ScriptBench.run(
                "function decide() return {string.find(('a'):rep(40000), ('.-'):rep(30) .. 'b')} end",
                in: sandbox
            )
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

    private static func finished(_ arguments: [String]) throws -> (Process, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: ScriptSandbox.programBesideOurs.string)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process, String(decoding: bytes, as: UTF8.self))
    }

    /// Soft and hard limit of a line of /proc/PID/limits.
    private static func limit(_ name: String, _ text: String) -> [String] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return [] }
        return line.dropFirst(name.count).split(separator: " ").prefix(2).map(String.init)
    }
}
