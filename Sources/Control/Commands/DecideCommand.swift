import ArgumentParser
import Contract
import Fetch

struct DecideCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decide",
        abstract: "Sends a decision to a running API, waits for it and prints it as a table with the job's life.",
        discussion: """
            Without --file spot-optimize asks for 4 vCPU and 16 GiB on three nodes; the other engines need the cluster they \
            are to judge. Example: cloudoptim decide bin-pack --key-file .data/api-key --file cluster.json --explain
            """
    )

    @Argument(
        help: .init("The decision: \(DecisionType.allCases.map { $0.pathSegments[0] }.joined(separator: ", ")).")
    )
    var decision = "spot-optimize"

    @Option(help: "Where the API is.")
    var url = "http://127.0.0.1:8001"

    @Option(help: "A file with the API key.")
    var keyFile: String

    @Option(help: "A JSON file with the request; - reads standard input.")
    var file: String?

    @Option(help: "Region for the built-in request.")
    var region: String?

    @Flag(help: "Ask for the evidence as well; it comes with --json only.")
    var explain = false

    @OptionGroup var output: OutputOptions

    @Option(help: "Seconds to wait for the answer.")
    var timeout = 60

    func validate() throws {
        guard let type = DecisionType(pathSegment: decision) else {
            throw ValidationError("\(decision) is no decision: see --help")
        }
        guard type == .spotOptimize || file != nil else {
            throw ValidationError("\(decision) needs --file with the request")
        }
        guard (1...600).contains(timeout) else { throw ValidationError("--timeout must be 1 to 600") }
    }

    func run() async throws {
        let key = try TextFile.read(keyFile, what: "the key").trimmed
        let client = try APIClient(url: url, key: key)
        let job = try await client.submit(
            path: "/api/v1/ml/decision/\(decision)" + (explain ? "?explain=full" : ""),
            body: try request()
        )
        let ended = try await client.wait(for: job, seconds: timeout)
        client.shutdown()
        guard ended["state"]?.string == "succeeded", let result = ended["result"] else {
            let message = ended["error"]?["message"]?.string ?? "no reason given"
            throw ControlError("the job \(job) is \(ended["state"]?.string ?? "unknown"): \(message)")
        }
        guard !output.json else { return print(result.text()) }
        print(DecisionTable(result).text)
        print("")
        print(JobLife(ended).text)
    }

    private func request() throws -> [UInt8] {
        if let file { return Array(try TextFile.read(file, what: "the request").utf8) }
        var requirements: JSONObject = [
            "cpu": 4, "memory_gb": 16, "node_count": 3, "workload_type": "stateless",
        ]
        if let region { requirements["region"] = .string(region) }
        let body: JSONValue = [
            "cluster_id": "example", "cluster_state": [:], "requirements": .object(requirements), "constraints": [:],
        ]
        return body.bytes()
    }
}
