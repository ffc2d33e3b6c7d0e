import Contract
import Foundation
import Postgres
import Support
import Testing

@Suite("Schedules, from the operators' tool to the worker", .serialized)
struct ScheduleCommandTests {
    @Test("a schedule is created, shown, fired by the scheduler and by hand, paused and removed")
    func life() async throws {
        try await Fleet.with { fleet async throws in
            let worker = try fleet.startWorker()
            defer { worker.signal(SIGKILL) }
            func control(_ arguments: String...) async throws -> String {
                try await Fleet.control(["schedules"] + arguments, fleet.environment)
            }
            _ = try await control(
                "create",
                "nightly",
                "--tenant",
                "acme",
                "--daily",
                "02:30",
                "--zone",
                "Europe/Berlin",
                "--kind",
                "drill.noop",
                "--catch-up",
                "all:2",
                "--overlap",
                "skip"
            )
            let list = try JSONParser.parse([UInt8](try await control("list", "--tenant", "acme", "--json").utf8))
            #expect(list[0]?["name"]?.string == "nightly")
            #expect(list[0]?["fold"]?.string == "first")
            #expect(list[0]?["next_fire"]?.string != nil)
            #expect(try await control("preview", "nightly", "--count", "3").contains(" 02:30  +0"))
            #expect(try await control("list").contains("daily 02:30"))

            // A day of downtime, as far as the scheduler can tell.
            _ = try await fleet.pool.query(
                "UPDATE schedule SET last_fire = now() - interval '1 day', next_fire = '-infinity' WHERE name = 'nightly'"
            )
            try await Condition.holds(within: .seconds(20)) {
                try await control("show", "nightly", "--json").contains(#""state":"succeeded""#)
            }
            let job = try await control("run", "nightly").trimmingCharacters(in: .whitespacesAndNewlines)
            try await Condition.holds(within: .seconds(20)) {
                let shown = try JSONParser.parse([UInt8](try await control("show", "nightly", "--json").utf8))
                let fires = shown["fires"]?.array ?? []
                return fires.contains { $0["job_id"]?.string == job && $0["state"]?.string == "succeeded" }
                    && shown["schedule"]?["fired"]?.integer == 2
            }

            _ = try await control("pause", "nightly", "--reason", "maintenance")
            #expect(try await control("show", "nightly").contains("paused: maintenance"))
            _ = try await control("resume", "nightly")
            #expect(try await control("list", "--tenant", "acme").contains("active"))
            _ = try await control("delete", "nightly", "--yes")
            #expect(try await control("list", "--tenant", "acme", "--json") == "[]\n")
            #expect(try await fleet.count("SELECT count(*) FROM job_result WHERE kind = 'drill.noop'") == 2)
        }
    }

    @Test("what cannot be is refused in one line that says why")
    func refusals() async throws {
        let database = try await PrivateServers.freshDatabase()
        var environment = [
            "DB_HOST": database.host, "DB_PORT": "\(database.port)", "DB_NAME": database.database,
            "DB_USER": database.user, "LOG_FORMAT": "text",
        ]
        if let password = database.password { environment["DB_PASSWORD"] = password }
        _ = try await Fleet.control(["migrate"], environment)
        let cases: [(arguments: [String], word: String)] = [
            (["create", "x", "--kind", "drill.noop"], "give one of --cron"),
            (["create", "x", "--kind", "drill.noop", "--cron", "0 0 30 2 *"], "never fires"),
            (["create", "x", "--kind", "drill.noop", "--daily", "02:30", "--zone", "Mars/Base"], "no time zone"),
            (["create", "x", "--kind", "none", "--daily", "02:30"], "no kind of job"),
            (["create", "x", "--kind", "drill.noop", "--daily", "02:30", "--catch-up", "all"], "--catch-up"),
            (
                ["create", "x", "--kind", "drill.noop", "--daily", "02:30", "--catch-up", "all:99999999"],
                "0 to 10000"
            ),
            (["create", "x", "--kind", "drill.noop", "--daily", "02:30", "--payload", "{"], "not JSON"),
            (["create", "x y", "--kind", "drill.noop", "--daily", "02:30"], "without spaces"),
            (["delete", "missing"], "no schedule missing"),
            (["show", "missing"], "no schedule missing"),
            (["preview", "61 * * * *"], "minute"),
        ]
        for (arguments, word) in cases {
            let (status, output) = try await ProgramProcess.run(
                "cloudoptim",
                ["schedules"] + arguments,
                environment: environment
            )
            #expect([1, 2].contains(status))
            #expect(output.contains(word), "\(arguments): \(output)")
        }
        #expect(try await Fleet.control(["schedules", "list", "--json"], environment) == "[]\n")
    }
}
