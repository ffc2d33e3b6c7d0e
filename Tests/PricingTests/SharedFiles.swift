import FoundationEssentials
import Support

/// The folder of real feeds and catalogues, which is not part of the repository.
///
/// Suites that need it are disabled, and shown as skipped, where it is missing.
enum SharedFiles {
    static let isFound = SharedData.url("data") != nil

    struct Missing: Error { var name: String }

    static func path(_ name: String) throws -> String {
        guard let path = SharedData.url(name) else { throw Missing(name: name) }
        return path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: try path(name))))
    }
}

/// A folder that goes with its value, and commands run inside it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/cloudoptim-test-files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
        return path + "/" + name
    }

    func run(_ commandLine: String) async throws {
        let process = try await ServerProcess.start("cd \(path) && \(commandLine)", log: path + "/log")
        try await process.exited(within: .seconds(30))
        guard process.exitedCleanly else { throw SupportError("failed: \(commandLine.prefix(60))") }
    }
}
