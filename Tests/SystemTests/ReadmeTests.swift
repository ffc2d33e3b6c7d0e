import Contract
import Foundation
import Support
import Testing

@Suite("The README's example")
struct ReadmeTests {
    @Test("copied into a shell, it prints a decision")
    func example() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let blocks = readme.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        try #require(blocks.count == 1)
        try await Fleet.with { fleet async throws in
            let worker = try fleet.startWorker()
            let bash = Process()
            bash.executableURL = URL(fileURLWithPath: "/bin/bash")
            bash.arguments = ["-euo", "pipefail", "-c", blocks[0]]
            bash.environment = ["PATH": "/usr/bin:/bin", "URL": fleet.base, "KEY": fleet.key]
            let output = Pipe()
            (bash.standardOutput, bash.standardError) = (output, FileHandle.standardError)
            try bash.run()
            try await Condition.holds(within: .seconds(30)) { !bash.isRunning }

            #expect(bash.terminationStatus == 0)
            let text = output.fileHandleForReading.readDataToEndOfFile()
            let reply = try JSONParser.parse(Array(text))
            #expect(reply["request_id"]?.string == "readme-1")
            #expect(reply["recommendations"]?[0]?["instance_type"]?.string?.isEmpty == false)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
