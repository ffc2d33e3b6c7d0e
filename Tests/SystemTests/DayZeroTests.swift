import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite("Day zero: an empty store", .serialized)
struct DayZeroTests {
    private static let feed = #"""
        {"ranges": [{"index": 0, "label": "<5%", "dots": 0, "max": 5}, {"index": 1, "label": "5-10%", "dots": 1, "max": 11},
                    {"index": 2, "label": "10-15%", "dots": 2, "max": 16}, {"index": 3, "label": "15-20%", "dots": 3, "max": 22},
                    {"index": 4, "label": ">20%", "dots": 4, "max": 100}],
         "instance_types": {"m5.large": {"cores": 2, "ram_gb": 8.0, "emr": true}, "m5.xlarge": {"cores": 4, "ram_gb": 16.0, "emr": true},
                            "c5.xlarge": {"cores": 4, "ram_gb": 8.0, "emr": true}},
         "global_rate": "<10%",
         "spot_advisor": {"us-east-1": {"Linux": {"m5.large": {"r": 0, "s": 60}, "m5.xlarge": {"r": 1, "s": 62}, "c5.xlarge": {"r": 2, "s": 55}}},
                          "eu-west-1": {"Linux": {"m5.large": {"r": 3, "s": 50}}}}}
        """#

    private func webServer(_ folder: String) async throws -> (server: ServerProcess, url: String) {
        try Self.feed.write(toFile: folder + "/feed.json", atomically: true, encoding: .utf8)
        let port = try LoopbackPort.free()
        let server = try await ServerProcess.start(
            "exec python3 -m http.server --bind 127.0.0.1 --directory '\(folder)' \(port)",
            log: folder + "/log"
        )
        return (server, "http://127.0.0.1:\(port)/feed.json")
    }

    private let fetches =
        "FROM (SELECT kind, tenant FROM job_live UNION ALL SELECT kind, tenant FROM job_result) j WHERE kind = 'pricing.fetch' AND tenant = 'system'"

    /// Two sources are due, each once per slot of five minutes; the clock may pass from one slot to the next meanwhile.
    private func slots(since start: Date) -> Int {
        Int(Date().timeIntervalSince1970 / 300) - Int(start.timeIntervalSince1970 / 300) + 1
    }

    @Test("two schedulers have the feed loaded with one job, and decisions follow")
    func loadsItself() async throws {
        let folder = NSTemporaryDirectory() + "cloudoptim-feed-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (server, url) = try await webServer(folder)
        let start = Date()
        try await Fleet.with(settings: ["SPOT_ADVISOR_URL": url], load: []) { fleet async throws in
            let second = try ProgramProcess("cloudoptim-scheduler", environment: fleet.environment)
            let worker = try fleet.startWorker()
            try await Condition.holds(within: .seconds(30)) {
                try await fleet.count("SELECT count(*) FROM spot_advisor_data") == 4
            }
            // Each scheduler looks every five seconds; a job too many would come within the next round. Its absence leaves no
            // trace to wait for.
            try await Condition.holds(within: .seconds(20)) { second.log.contains("scheduler is ready") }
            try await Task.sleep(for: .seconds(6))

            let jobs = try await fleet.count("SELECT count(*) \(fetches)")
            #expect(jobs <= 2 * slots(since: start), "one for the feed, one for on-demand prices")
            #expect(
                try await fleet.count(
                    "SELECT count(*) FROM job_result WHERE kind = 'pricing.fetch' AND state = 'succeeded'"
                ) == 1
            )
            #expect(
                try await fleet.count("SELECT count(*) FROM data_sources WHERE name = 'spot_advisor' AND NOT is_sample")
                    == 1
            )
            let health = try await fleet.get("/health").json
            #expect(health["status"]?.string == "healthy", "\(health)")
            // The kubelet takes its share, so that four cores would not fit an xlarge.
            let answer = try await fleet.post(
                DecisionContractTests.path,
                #"{"cluster_state": {}, "requirements": {"region": "us-east-1", "cpu": 3, "memory_gb": 10}}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["recommendations"]?[0]?["instance_type"]?.string == "m5.xlarge", "\(answer.text)")
            for process in [second, worker] { process.signal(SIGTERM) }
            for process in [second, worker] { try await process.ended() }
        }
        try await server.end(SIGTERM)
    }

    @Test("without a way to the feed, health says so, decisions get a clear answer, and nothing runs hot")
    func unreachable() async throws {
        let start = Date()
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            let tried = "SELECT count(*) FROM job_attempt WHERE outcome = 'retry'"
            try await Condition.holds(within: .seconds(60)) { try await fleet.count(tried) > 0 }

            let answer = try await fleet.post(DecisionContractTests.path, DecisionContractTests.body)
            switch answer.status {
            case 200:
                // An honest answer: nothing recommended, and the reason.
                #expect(try answer.json["recommendations"]?.array?.isEmpty == true)
                #expect(try answer.json["metadata"]?["warnings"]?.array?.isEmpty == false)
            default:
                #expect(answer.status == 503, "\(answer.text)")
                #expect(try answer.json["error"]?["hint"]?.string?.isEmpty == false)
            }
            let health = try await fleet.get("/health")
            #expect(health.status == 200)
            #expect(try health.json["status"]?.string == "degraded")
            let reasons = try health.json["degraded"]?.array?.compactMap(\.string) ?? []
            #expect(reasons.contains { $0.contains("Spot Advisor") }, "\(reasons)")
            #expect(try await fleet.count("SELECT count(*) \(fetches)") <= 2 * slots(since: start))
            // Up to eight attempts each, with growing pauses.
            #expect(try await fleet.count("SELECT count(*) FROM job_attempt") <= 16 * slots(since: start))
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
