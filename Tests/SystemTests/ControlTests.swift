import Contract
import Fetch
import Foundation
import Postgres
import Support
import Testing

@Suite("The command line", .fleet(["DRILL_FAULTS": "true"]), .serialized)
struct ControlTests {
    private func run(_ arguments: String...) async throws -> (status: Int32, output: String) {
        try await ProgramProcess.run("cloudoptim", arguments, environment: try Fleet.current.environment)
    }

    private func json(_ arguments: String...) async throws -> JSONValue {
        let (status, output) = try await ProgramProcess.run(
            "cloudoptim",
            arguments + ["--json"],
            environment: try Fleet.current.environment
        )
        guard status == 0 else { throw FleetError("\(arguments): status \(status): \(output)") }
        return try JSONParser.parse(Array(output.utf8))
    }

    /// Sends a drill as an operator; returns its id.
    private func drill(_ payload: String) async throws -> String {
        let fleet = try Fleet.current
        let key = try await fleet.makeKey(tenant: "cli", scopes: "admin")
        let body = Array(#"{"kind": "drill.noop", "payload": \#(payload)}"#.utf8)
        let answer = try await fleet.send("POST", "/api/v1/ml/jobs", key: key, body: body)
        guard let id = try answer.json["job_id"]?.string else { throw FleetError("no job: \(answer.text)") }
        return id
    }

    private func becomes(_ state: String, _ id: String) async throws {
        let fleet = try Fleet.current
        try await Condition.holds(within: .seconds(30)) {
            let both = """
                SELECT (SELECT count(*) FROM job_live WHERE id = '\(id)' AND state = '\(state)')
                     + (SELECT count(*) FROM job_result WHERE id = '\(id)' AND state = '\(state)')
                """
            return try await fleet.count(both) == 1
        }
    }

    // MARK: Help and statuses

    static let commands: [[String]] = [
        ["jobs", "list"], ["jobs", "show"], ["jobs", "cancel"], ["jobs", "retry"], ["jobs", "tail"], ["queues"],
        ["workers", "list"], ["workers", "quiet"], ["workers", "stop"], ["workers", "resume"], ["dead", "list"],
        ["dead", "groups"], ["dead", "redrive"], ["dead", "discard"], ["pause"], ["resume"], ["drain"], ["limit"],
        ["keys", "create"], ["keys", "list"], ["keys", "revoke"], ["audit"], ["fleet"], ["drill", "flush"],
        ["drill", "kill-worker"], ["bench"],
    ]

    @Test("the help of every command shows an example", arguments: commands)
    func help(_ command: [String]) async throws {
        let (status, output) = try await ProgramProcess.run("cloudoptim", command + ["--help"], environment: [:])

        #expect(status == 0)
        #expect(output.contains("Example"), "\(output)")
        #expect(output.contains("cloudoptim \(command.joined(separator: " "))"))
    }

    @Test(
        "a wrong command line, or a missing --yes, is status 2",
        arguments: [
            ["nonsense"], ["jobs", "show", "x"], ["jobs", "list", "--state", "asleep"], ["pause", "lane", "fast"],
            ["pause", "kind", "no.such"], ["limit", "kind", "drill.noop"], ["limit", "kind", "drill.noop", "0"],
            ["dead", "redrive"], ["dead", "discard"], ["workers", "quiet"], ["workers", "stop", "--all"],
            ["drill", "flush"], ["bench", "--jobs", "0"], ["jobs", "list", "--since", "yesterday"],
            ["pause", "tenant", "*"],
        ]
    )
    func usage(_ arguments: [String]) async throws {
        let environment = try Fleet.current.environment
        let (status, output) = try await ProgramProcess.run("cloudoptim", arguments, environment: environment)

        #expect(status == 2, "\(output)")
        #expect(output.lowercased().contains("error: "), "\(output)")
    }

    @Test("what is not there is status 1 and one line")
    func missing() async throws {
        let id = "01a20b00-a415-747e-b09e-e684acce9cf0"
        for arguments in [
            ["jobs", "show", id], ["workers", "quiet", "ffffffff"], ["keys", "revoke", "ffffffffffff"],
        ] {
            let environment = try Fleet.current.environment
            let (status, output) = try await ProgramProcess.run("cloudoptim", arguments, environment: environment)
            #expect(status == 1)
            #expect(output.split(separator: "\n").count == 1, "\(output)")
        }
        #expect(try await run("jobs", "cancel", id).status == 1)
        #expect(try await run("jobs", "retry", id).status == 1)
    }

    @Test("completion scripts come for bash, zsh and fish", arguments: ["bash", "zsh", "fish"])
    func completion(_ shell: String) async throws {
        let (status, output) = try await ProgramProcess.run(
            "cloudoptim",
            ["--generate-completion-script", shell],
            environment: [:]
        )

        #expect(status == 0)
        #expect(output.contains("cloudoptim") && output.contains("redrive"))
    }

    // MARK: Looking

    @Test("every reading command has JSON and a table")
    func reading() async throws {
        let id = try await drill("{}")
        try await becomes("succeeded", id)

        #expect(try await json("queues")["lanes"]?.array?.count == 4)
        #expect(try await json("workers", "list")[0]?["alive"]?.bool == true)
        #expect(try await json("jobs", "list", "--tenant", "cli")["jobs"]?[0]?["tenant"]?.string == "cli")
        #expect(try await json("jobs", "show", id)["attempts"]?[0]?["outcome"]?.string == "succeeded")
        #expect(try await json("dead", "groups").array != nil)
        #expect(try await json("dead", "list").array != nil)
        #expect(try await json("audit")["balanced"]?.bool == true)
        #expect(try await json("audit", "--all")["complete"]?.bool == true)
        #expect(try await json("fleet")["lanes"]?.array?.count == 4)
        #expect(try await json("keys", "list").array?.isEmpty == false)
        #expect(try await json("bench", "--jobs", "20", "--single", "3")["single_jobs"]?.integer == 3)

        for command in [
            ["queues", "--kinds"], ["workers", "list"], ["jobs", "list"], ["audit"], ["fleet"], ["keys", "list"],
        ] {
            let environment = try Fleet.current.environment
            let (status, output) = try await ProgramProcess.run("cloudoptim", command, environment: environment)
            #expect(status == 0)
            #expect(output.contains("───"), "\(output)")
            let blanks = output.split(separator: "\n").filter { $0.hasSuffix(" ") }
            #expect(blanks.isEmpty, "\(output)")
        }
        #expect(try await run("jobs", "show", id, "--result").output == "{\"drill\":true}\n")
        #expect(try await run("jobs", "list", "--kind", "no.such").output == "no job matches\n")
    }

    @Test("tail tells a job's acceptance and its end")
    func tail() async throws {
        let fleet = try Fleet.current
        let tail = try ProgramProcess(
            "cloudoptim",
            ["jobs", "tail", "--tenant", "cli", "--json", "--limit", "2"],
            environment: fleet.environment
        )
        var sent: Set<String> = []
        // The first ones may come before it looks.
        try await Condition.holds(within: .seconds(30)) {
            if tail.isRunning, sent.count < 10 { sent.insert(try await drill(#"{"seconds": 0.4}"#)) }
            return !tail.isRunning
        }

        let lines = try tail.log.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0["job_id"]?.string.map(sent.contains) == true })
        #expect(tail.status == 0)
    }

    // MARK: Acting

    @Test("a paused lane holds its jobs until it is resumed; waiting jobs are cancelled; a limit is shown and lifted")
    func orders() async throws {
        #expect(try await run("pause", "lane", "batch", "--reason", "a test").status == 0)
        let id = try await drill("{}")
        try await becomes("queued", id)
        #expect(try await run("queues").output.contains("a test"))
        #expect(try await run("jobs", "cancel", id).output.contains("cancelled"))
        #expect(try await run("jobs", "cancel", id).status == 0)
        #expect(try await run("jobs", "retry", id).status == 1)
        let other = try await drill("{}")
        #expect(try await run("resume", "lane", "batch").status == 0)
        try await becomes("succeeded", other)
        #expect(try await run("jobs", "cancel", other).status == 1)

        #expect(try await run("limit", "tenant", "*", "50").status == 0)
        #expect(try await json("queues")["rules"]?[0]?["max_running"]?.integer == 50)
        #expect(try await run("limit", "tenant", "*", "--none").status == 0)
        #expect(try await run("drain", "tenant", "gone").status == 0)
        #expect(try await run("resume", "tenant", "gone").status == 0)
        #expect(try await json("queues")["rules"]?.array?.isEmpty == true)
    }

    @Test("dead letters are grouped, redriven and discarded; many only with consent")
    func dead() async throws {
        let ids = [try await drill(#"{"fault": "retry"}"#), try await drill(#"{"fault": "retry"}"#)]
        for id in ids { try await becomes("dead", id) }

        let groups = try await json("dead", "groups", "--tenant", "cli")
        #expect(groups[0]?["count"]?.integer == 2)
        #expect(groups[0]?["code"]?.string == "drill_fault")
        #expect(try await run("dead", "redrive", "--error", "drill_fault").status == 2)
        let redriven = try await run("dead", "redrive", "--error", "drill_fault", "--yes")
        #expect(redriven.status == 0)
        #expect(redriven.output.contains("queued again: 2"))
        for id in ids { try await becomes("dead", id) }
        #expect(try await run("dead", "discard", "--tenant", "cli", "--yes").output.contains("discarded: 2"))
        #expect(try await run("dead", "redrive", "--tenant", "cli", "--yes").status == 1)
        let refused = try await run("jobs", "retry", ids[0])
        #expect(refused.status == 1)
        #expect(refused.output.contains("discarded"))
    }

    @Test("a planted loss makes the audit end with status 1 and name the tenant")
    func audit() async throws {
        let fleet = try Fleet.current
        #expect(try await run("audit").status == 0)
        _ = try await fleet.pool.query(
            "INSERT INTO job_tally (day, tenant, accepted) VALUES ((now() AT TIME ZONE 'UTC')::date, 'lost', 3)",
            []
        )
        let found = try await run("audit")
        _ = try await fleet.pool.query("DELETE FROM job_tally WHERE tenant = 'lost'", [])

        #expect(found.status == 1)
        #expect(found.output.contains("lost") && found.output.contains("NOT BALANCED: 3"), "\(found.output)")
        #expect(try await run("audit").status == 0)
    }

    @Test("a worker that is ordered to be quiet takes nothing; one ordered to stop ends")
    func workers() async throws {
        let fleet = try Fleet.current
        let worker = try fleet.startWorker(["--lanes", "critical"])
        let find = "SELECT count(*) FROM worker WHERE pid = \(worker.pid)"
        try await Condition.holds(within: .seconds(20)) { try await fleet.count(find) == 1 }
        let all = try await json("workers", "list").array ?? []
        let one = try #require(all.first { $0["pid"]?.integer == Int64(worker.pid) }?["worker_id"]?.string)

        #expect(try await run("workers", "quiet", String(one.prefix(8))).status == 0)
        #expect(try await run("workers").output.contains("quiet"))
        #expect(try await run("workers", "resume", one).status == 0)
        #expect(try await run("workers", "stop", one).status == 0)
        try await worker.ended()
        #expect(worker.status == 0)
    }

    @Test("the drills pass: Redis emptied, a worker killed")
    func drills() async throws {
        let flush = try await json("drill", "flush", "--yes", "--jobs", "60")
        #expect(flush["passed"]?.bool == true)
        #expect(flush["succeeded"]?.integer == 60)
        let kill = try await json("drill", "kill-worker", "--jobs", "12")
        #expect(kill["passed"]?.bool == true)
        #expect(try await json("audit")["balanced"]?.bool == true)
    }
}
