import Foundation
import Support

/// One of the four programs, as a real process.
final class ProgramProcess: Sendable {
    let name: String
    let pid: Int32
    let logPath: String
    private let process: Process  // only asked and signalled after the start, which Foundation allows from any thread

    /// Starts a program from the build folder this test runs from.
    ///
    /// - Parameters:
    ///   - name: The product, such as `cloudoptim-worker`.
    ///   - arguments: Its command line.
    ///   - environment: What it sees besides PATH and HOME.
    ///   - memoryMegabytes: What it may allocate; more, and it dies.
    /// - Throws: What Foundation throws for a program that cannot be started.
    init(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String],
        memoryMegabytes: Int? = nil
    ) throws {
        let process = Process()
        let program = Self.folder.appendingPathComponent(name)
        if let memoryMegabytes {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            process.arguments = ["--data=\(memoryMegabytes << 20)", "--core=0", program.path] + arguments
        } else {
            process.executableURL = program
            process.arguments = arguments
        }
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
        process.environment = inherited.merging(environment) { _, new in new }
        logPath = NSTemporaryDirectory() + "cloudoptim-\(name)-\(UUID().uuidString).log"
        _ = FileManager.default.createFile(atPath: logPath, contents: nil)
        let log = try FileHandle(forWritingTo: URL(fileURLWithPath: logPath))
        process.standardError = log
        process.standardOutput = log
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.name = name
        self.process = process
        pid = process.processIdentifier
    }

    deinit {
        if process.isRunning { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: logPath)
    }

    func signal(_ signal: Int32) {
        kill(pid, signal)
    }

    var isRunning: Bool { process.isRunning }

    /// The exit status; only after the end.
    var status: Int32 { process.terminationStatus }

    /// Waits until the process has ended.
    func ended() async throws {
        try await Condition.holds(within: .seconds(20)) { !self.process.isRunning }
    }

    var log: String {
        (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
    }

    /// Runs a program to its end.
    static func run(
        _ name: String,
        _ arguments: [String],
        environment: [String: String]
    ) async throws -> (status: Int32, output: String) {
        let program = try ProgramProcess(name, arguments, environment: environment)
        try await Condition.holds(within: .seconds(60)) { !program.isRunning }
        return (program.process.terminationStatus, program.log)
    }

    /// Where `swift build` puts the programs: beside the test bundle that is running.
    ///
    /// `CLOUDOPTIM_PROGRAMS` names another folder: soaks measure release builds.
    private static let folder: URL = {
        if let chosen = ProcessInfo.processInfo.environment["CLOUDOPTIM_PROGRAMS"] {
            return URL(fileURLWithPath: chosen)
        }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = bundle.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("cloudoptim-api")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return folder }
            folder = folder.deletingLastPathComponent()
        }
        return URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent(".build/debug")
    }()
}
