import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite("Operating the queue over HTTP", .fleet(["DRILL_FAULTS": "true"]), .serialized)
struct OperationsRouteTests {
    private let prefix = "/api/v1/ml"

    /// Sends a drill as an operator; returns its id.
    private func drill(_ payload: String, _ fleet: Fleet, key: String) async throws -> String {
        let body = Array(#"{"kind": "drill.noop", "payload": \#(payload)}"#.utf8)
        let answer = try await fleet.send("POST", "\(prefix)/jobs", key: key, body: body)
        guard let id = try answer.json["job_id"]?.string else { throw FleetError("no job: \(answer.text)") }
        return id
    }

    private func becomes(_ id: String, _ state: String, _ fleet: Fleet, key: String) async throws {
        try await Condition.holds(within: .seconds(30)) {
            try await fleet.get("\(prefix)/jobs/\(id)?wait=5", key: key).json["state"]?.string == state
        }
    }

    @Test("a list shows a tenant's own jobs, page by page, and an admin everybody's")
    func list() async throws {
        let fleet = try Fleet.current
        let admin = try await fleet.makeKey(tenant: "list-admin", scopes: "admin")
        var ids: Set<String> = []
        for _ in 0..<5 { ids.insert(try await drill("{}", fleet, key: admin)) }
        var seen: [String] = []
        var next: String? = ""
        while let after = next, seen.count < 100 {
            let query = "tenant=list-admin&limit=2" + (after.isEmpty ? "" : "&after=\(after)")
            let answer = try await fleet.get("\(prefix)/jobs?\(query)", key: admin)
            try #require(answer.status == 200, "\(answer.text)")
            seen += try #require(try answer.json["jobs"]?.array).compactMap { $0["job_id"]?.string }
            next = try answer.json["next"]?.string
        }

        #expect(seen.count == 5)
        #expect(Set(seen) == ids)
        #expect(seen == seen.sorted(by: >))
        let own = try await fleet.get("\(prefix)/jobs?limit=1000")
        #expect(try own.json["jobs"]?.array?.allSatisfy { $0["tenant"]?.string == "acme" } == true)
    }

    @Test(
        "a filter that cannot be used is refused by name",
        arguments: [
            ("stat=queued", 422, "stat"), ("state=asleep", 422, "state"), ("lane=fast", 422, "lane"),
            ("limit=0", 422, "limit"), ("after=x", 422, "after"), ("since=yesterday", 422, "since"),
            ("tenant=globex", 403, "tenant"),
        ]
    )
    func badFilter(_ query: String, _ status: Int, _ field: String) async throws {
        let answer = try await Fleet.current.get("\(prefix)/jobs?\(query)")

        #expect(answer.status == status)
        #expect(try answer.json["error"]?["field"]?.string == field)
    }

    @Test("a delayed job is cancelled at once, a running one within two seconds, an ended one not at all")
    func cancel() async throws {
        let fleet = try Fleet.current
        let admin = try await fleet.makeKey(tenant: "cancel", scopes: "admin")
        let hour = Date(timeIntervalSinceNow: 3600).ISO8601Format()
        let later = Array(#"{"kind": "drill.noop", "payload": {}, "run_at": "\#(hour)"}"#.utf8)
        let delayed = try await fleet.send("POST", "\(prefix)/jobs", key: admin, body: later)
        let waiting = try #require(try delayed.json["job_id"]?.string)
        let ended = try await fleet.send("POST", "\(prefix)/jobs/\(waiting)/cancel", key: admin, body: [])
        #expect(ended.status == 200)
        #expect(try ended.json["state"]?.string == "cancelled")
        let running = try await drill(#"{"seconds": 20}"#, fleet, key: admin)
        try await Condition.holds {
            try await fleet.get("\(prefix)/jobs/\(running)", key: admin).json["state"]?.string == "running"
        }

        let told = try await fleet.send("POST", "\(prefix)/jobs/\(running)/cancel", key: admin, body: [])
        #expect(told.status == 202)
        #expect(try told.json["cancel_requested"]?.bool == true)
        let start = ContinuousClock.now
        try await becomes(running, "cancelled", fleet, key: admin)
        #expect(ContinuousClock.now - start < .seconds(4))
        let again = try await fleet.send("POST", "\(prefix)/jobs/\(running)/cancel", key: admin, body: [])
        #expect(again.status == 200)

        let done = try await drill("{}", fleet, key: admin)
        try await becomes(done, "succeeded", fleet, key: admin)
        let late = try await fleet.send("POST", "\(prefix)/jobs/\(done)/cancel", key: admin, body: [])
        #expect(late.status == 409)
        #expect(try late.json["error"]?["message"]?.string?.contains("succeeded") == true)
    }

    @Test("a failed job is retried under its id; another is refused with a hint; the log tells all attempts")
    func retry() async throws {
        let fleet = try Fleet.current
        let admin = try await fleet.makeKey(tenant: "retry", scopes: "admin")
        let failing = try await drill(#"{"fault": "fail"}"#, fleet, key: admin)
        try await becomes(failing, "failed", fleet, key: admin)

        let answer = try await fleet.send("POST", "\(prefix)/jobs/\(failing)/retry", key: admin, body: [])
        #expect(answer.status == 202)
        #expect(try answer.json["job_id"]?.string == failing)
        try await becomes(failing, "failed", fleet, key: admin)
        let attempts = try await fleet.get("\(prefix)/jobs/\(failing)/attempts", key: admin)
        #expect(
            try attempts.json["attempts"]?.array?.compactMap { $0["outcome"]?.string } == ["redriven", "failed"]
        )

        let good = try await drill("{}", fleet, key: admin)
        try await becomes(good, "succeeded", fleet, key: admin)
        let refused = try await fleet.send("POST", "\(prefix)/jobs/\(good)/retry", key: admin, body: [])
        #expect(refused.status == 409)
        #expect(try refused.json["error"]?["hint"]?.string?.contains(good) == true)
    }

    @Test("another tenant's job does not exist", arguments: ["cancel", "retry", "attempts"])
    func foreign(_ action: String) async throws {
        let fleet = try Fleet.current
        let admin = try await fleet.makeKey(tenant: "owner", scopes: "admin")
        let id = try await drill("{}", fleet, key: admin)
        for path in ["\(prefix)/jobs/\(id)/\(action)", "\(prefix)/jobs/01a20b00-a415-747e-b09e-e684acce9cf0/\(action)"]
        {
            let answer =
                action == "attempts"
                ? try await fleet.get(path) : try await fleet.send("POST", path, key: fleet.key, body: [])
            #expect(answer.status == 404)
            #expect(try answer.json["error"]?["code"]?.string == "job_not_found")
        }
        #expect(try await fleet.get("\(prefix)/jobs/x/attempts").status == 422)
    }

    @Test("queues and fleet are there for readers, without a null")
    func signal() async throws {
        let fleet = try Fleet.current
        let queues = try await fleet.get("\(prefix)/queues")
        #expect(try queues.json["lanes"]?.array?.count == 4)
        let signal = try await fleet.get("\(prefix)/fleet")
        #expect(signal.status == 200)
        #expect(!signal.text.contains("null"))
        #expect(try signal.json["workers"]?.integer == 1)
        #expect(try signal.json["suggested_workers"]?.integer != nil)
        let writer = try await fleet.makeKey(tenant: "acme", scopes: "submit")
        #expect(try await fleet.get("\(prefix)/fleet", key: writer).status == 403)
    }

    @Test("metrics are valid exposition text, audit included, on a port of their own")
    func metrics() async throws {
        let fleet = try Fleet.current
        let port = try #require(fleet.environment["METRICS_PORT"].flatMap { Int($0) })
        var text = ""
        try await Condition.holds(within: .seconds(20)) {
            let answer = try await RawHTTP.exchange(
                port: port,
                "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            text = answer.text
            return text.contains("cloudoptim_audit_difference 0\n")
        }
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("# HELP") }
        var typed: Set<Substring> = []
        for line in lines where !line.hasPrefix("# HELP") {
            if line.hasPrefix("# TYPE ") {
                #expect(typed.insert(line.split(separator: " ")[2]).inserted)
            } else if let name = line.split(whereSeparator: { $0 == "{" || $0 == " " }).first, name.hasPrefix("cloud") {
                #expect(typed.contains(name), "\(line)")
                #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
            }
        }
        #expect(text.contains("cloudoptim_ledger_up 1\n"))
        #expect(text.contains("cloudoptim_lane_queued{lane=\"batch\"}"))
        #expect(text.contains("cloudoptim_suggested_workers "))
        #expect(try await fleet.get("/metrics").status == 404)
    }
}
