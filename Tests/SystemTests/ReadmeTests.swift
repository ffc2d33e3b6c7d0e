import Contract
import Foundation
import Support
import Testing

@Suite("The documents' examples, copied into a shell")
struct ReadmeTests {
    /// The only example of a document.
    private static func example(of document: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(document), encoding: .utf8)
        let blocks = text.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "\n```").first
        }
        try #require(blocks.count == 1)
        return blocks[0]
    }

    /// What it prints in a shell that knows where the fleet is.
    private static func run(_ example: String, _ fleet: Fleet) async throws -> JSONValue {
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-euo", "pipefail", "-c", example]
        bash.environment = ["PATH": "/usr/bin:/bin", "URL": fleet.base, "KEY": fleet.key]
        let output = Pipe()
        (bash.standardOutput, bash.standardError) = (output, FileHandle.standardError)
        try bash.run()
        try await Condition.holds(within: .seconds(30)) { !bash.isRunning }
        #expect(bash.terminationStatus == 0)
        return try JSONParser.parse(Array(output.fileHandleForReading.readDataToEndOfFile()))
    }

    @Test("the README's prints a decision, the API's a batch with one job and one refusal")
    func examples() async throws {
        let (readme, api) = (try Self.example(of: "README.md"), try Self.example(of: "docs/api.md"))
        try await Fleet.with { fleet async throws in
            let worker = try fleet.startWorker()
            let decision = try await Self.run(readme, fleet)
            #expect(decision["request_id"]?.string == "readme-1")
            #expect(decision["recommendations"]?[0]?["instance_type"]?.string?.isEmpty == false)

            let batch = try await Self.run(api, fleet)
            #expect(batch["accepted"]?.integer == 1)
            #expect(batch["jobs"]?[0]?["job_id"]?.string != nil)
            #expect(batch["jobs"]?[1]?["error"]?["field"]?.string == "jobs[1].deadline")
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
