import Foundation

/// A folder that goes with its value, and commands run inside it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = "/tmp/cloudoptim-test-files-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
        return path + "/" + name
    }

    package func run(_ commandLine: String) async throws {
        let process = try await ServerProcess.start("cd \(path) && \(commandLine)", log: path + "/log")
        try await process.exited(within: .seconds(30))
        guard process.exitedCleanly else { throw SupportError("failed: \(commandLine.prefix(60))") }
    }
}
