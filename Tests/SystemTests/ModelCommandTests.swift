import Contract
import Foundation
import Support
import Testing

@Suite("Models, from the operators' tool to the API", .fleet(), .serialized)
struct ModelCommandTests {
    @Test("a model is uploaded, shown, activated, rolled back and removed")
    func life() async throws {
        let fleet = try Fleet.current
        let folder = try TemporaryFolder()
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            let path = folder.path + "/" + name
            try Data(bytes).write(to: URL(filePath: path))
            return path
        }
        func control(_ arguments: String...) async throws -> String {
            try await Fleet.control(["models"] + arguments, fleet.environment)
        }
        let file = try write("model.pkl", LinearPickle.file([2, -1], intercept: 0.5))
        let notes = try write("notes.json", Array(#"{"feature_columns": ["a", "b"], "metrics": {"r2": 0.9}}"#.utf8))
        let upload = ["--name", "linear", "--trained-until", "2026-10-31", "--metadata", notes]
        let first = try await Fleet.control(
            ["models", "upload", file, "--model-version", "1"] + upload,
            fleet.environment
        )
        let id = first.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(UUID(uuidString: id) != nil)
        _ = try await Fleet.control(["models", "upload", file, "--model-version", "2"] + upload, fleet.environment)
        #expect(try await control("show", "linear@1").contains("a, b"))

        #expect(try await control("activate", "linear@1").contains("linear 1"))
        #expect(try await control("activate", "linear@2").contains(id), "what it was before")
        #expect(try await control("rollback", "spot_predictor").contains("linear 1"))
        let list = try JSONParser.parse([UInt8](try await control("list", "--json").utf8)).array ?? []
        #expect(list.count == 2)
        #expect(list.first { $0["model_version"] == "1" }?["active"] == true)
        let active = try await control("list", "--active")
        #expect(active.split(separator: "\n").filter { $0.hasPrefix("linear") }.count == 1, "\(active)")
        _ = try await control("delete", "linear@2", "--yes")
        #expect(try await control("list", "--json").contains(#""model_version":"2""#) == false)
    }

    @Test(
        "what cannot be is refused in one line that says why",
        arguments: [
            (["show", "linear@9"], "no model linear@9"),
            (
                [
                    "upload", "/none", "--name", "x", "--model-version", "1",
                    "--trained-until", "2026-10-31",
                ], "cannot be read"
            ),
            (
                ["upload", "/none", "--name", "x", "--model-version", "1", "--trained-until", "2026-13-31"],
                "a day such as"
            ),
            (["activate", "x@1", "--share", "2"], "--share"),
            (["rollback", "resource_forecaster"], "pointed to no other"),
            (["rollback", "oracle"], "oracle"),
        ]
    )
    func refusals(_ arguments: [String], _ word: String) async throws {
        let fleet = try Fleet.current
        let (status, output) = try await ProgramProcess.run(
            "cloudoptim",
            ["models"] + arguments,
            environment: fleet.environment
        )
        #expect([1, 2, 64].contains(status), "\(status)")
        #expect(output.contains(word), "\(arguments): \(output)")
    }
}
