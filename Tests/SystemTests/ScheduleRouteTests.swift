import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite("Schedules over HTTP", .fleet(), .serialized)
struct ScheduleRouteTests {
    private let path = "/api/v1/ml/schedules"

    private func body(_ name: String, _ more: String = "") -> String {
        #"""
        {"name": "\#(name)", "daily": "02:30", "time_zone": "Europe/Berlin", "kind": "pricing.fetch",
         "payload": {"data_type": "spot_advisor"}\#(more)}
        """#
    }

    private func create(_ name: String, _ more: String = "", key: String? = nil) async throws -> JSONValue {
        let fleet = try Fleet.current
        let answer = try await fleet.send("POST", path, key: key ?? fleet.key, body: Array(body(name, more).utf8))
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.json
    }

    @Test(
        "a body that is no schedule is refused with the field at fault",
        arguments: [
            (#"{"name": "x", "kind": "pricing.fetch"}"#, 422, "expression"),
            (#"{"name": "x", "kind": "pricing.fetch", "daily": "25:00"}"#, 422, "expression"),
            (#"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "weekly": "02:30"}"#, 422, "expression"),
            (#"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "weekday": "mon"}"#, 422, "weekday"),
            (
                #"{"name": "x", "kind": "pricing.fetch", "cron": "0 0 30 2 *", "payload": {"data_type": "spot_advisor"}}"#,
                422, nil
            ),
            (#"{"name": "x", "kind": "none", "daily": "02:30"}"#, 422, "kind"),
            (#"{"name": "x", "kind": "drill.noop", "daily": "02:30"}"#, 403, "kind"),
            (
                #"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "payload": {"data_type": "weather"}}"#, 422,
                "data_type"
            ),
            (
                #"{"name": "x y", "kind": "pricing.fetch", "daily": "02:30", "payload": {"data_type": "spot_advisor"}}"#,
                422, "name"
            ),
            (
                #"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "payload": {"data_type": "spot_advisor"}, "catch_up": "all"}"#,
                422, "catch_up"
            ),
            (
                #"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "payload": {"data_type": "spot_advisor"}, "overlap": "maybe"}"#,
                422, "overlap"
            ),
            (
                #"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "payload": {"data_type": "spot_advisor"}, "time_zone": "Mars/Base"}"#,
                422, nil
            ),
            (
                #"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "jitter_seconds": 90000, "payload": {"data_type": "spot_advisor"}}"#,
                422, "jitter_seconds"
            ),
            (#"{"name": "x", "kind": "pricing.fetch", "daily": "02:30", "when": "now"}"#, 422, "when"),
            (#"{"name": "x""#, 400, nil),
        ] as [(String, Int, String?)]
    )
    func refusals(_ text: String, _ status: Int, _ field: String?) async throws {
        let fleet = try Fleet.current
        let answer = try await fleet.send("POST", path, key: fleet.key, body: Array(text.utf8))

        #expect(answer.status == status, "\(answer.text)")
        if let field {
            #expect(try answer.json["error"]?["field"]?.string?.hasSuffix(field) == true, "\(answer.text)")
        }
        #expect(try answer.json["error"]?["hint"]?.string?.isEmpty == false)
        #expect(try await fleet.get(path).json["total"] == 0)
    }

    @Test("a schedule is created, previewed, changed, paused, resumed and removed")
    func life() async throws {
        let fleet = try Fleet.current
        let key = try await fleet.makeKey(tenant: "life", scopes: "submit,read")
        let created = try await create("nightly", #", "catch_up": "all:2", "overlap": "skip""#, key: key)
        let id = try #require(created["schedule_id"]?.string)
        #expect(created["next_fire"]?.string != nil)
        #expect(created["catch_up"] == "all:2")

        let twice = try await fleet.send("POST", path, key: key, body: Array(body("nightly").utf8))
        #expect(twice.status == 409)
        let preview = try await fleet.get("\(path)/\(id)/preview?count=3", key: key).json
        #expect(preview["fires"]?.array?.count == 3)
        #expect(preview["fires"]?[0]?["fire_time"] == created["next_fire"])
        #expect(preview["fires"]?[0]?["local"]?.string?.contains("T02:30:00+0") == true)

        let change = #"{"weekly": "04:00", "weekday": "fri", "time_zone": "UTC", "enabled": false}"#
        let changed = try await fleet.send("PATCH", "\(path)/\(id)", key: key, body: Array(change.utf8)).json
        #expect(changed["expression"] == "weekly fri 04:00")
        #expect(changed["overlap"] == "skip", "what was not sent stays")
        #expect(changed["enabled"] == false)
        #expect(changed["next_fire"] == .null)
        let renamed = try await fleet.send("PATCH", "\(path)/\(id)", key: key, body: Array(#"{"name": "other"}"#.utf8))
        #expect(renamed.status == 422)

        let resumed = try await fleet.send("POST", "\(path)/\(id)/resume", key: key, body: []).json
        #expect(resumed["next_fire"]?.string?.hasSuffix("T04:00:00Z") == true)
        let paused = try await fleet.send(
            "POST",
            "\(path)/\(id)/pause",
            key: key,
            body: Array(#"{"reason": "maintenance"}"#.utf8)
        ).json
        #expect(paused["pause_reason"] == "maintenance")
        #expect(try await fleet.send("DELETE", "\(path)/\(id)", key: key, body: []).status == 204)
        #expect(try await fleet.get("\(path)/\(id)", key: key).status == 404)
    }

    @Test("a schedule is run by hand, and its past fires are made up for once")
    func orders() async throws {
        let fleet = try Fleet.current
        let id = try #require(try await create("by-hand")["schedule_id"]?.string)
        let run = try await fleet.post("\(path)/\(id)/run", "")
        #expect(run.status == 202)
        let job = try #require(try run.json["job_id"]?.string)
        #expect(try await fleet.get("/api/v1/ml/jobs/\(job)").json["kind"] == "pricing.fetch")
        let now = Date()
        let range =
            #"{"from": "\#(now.addingTimeInterval(-3 * 86_400).ISO8601Format())", "to": "\#(now.ISO8601Format())"}"#
        let backfill = try await fleet.post("\(path)/\(id)/backfill", range)
        #expect(backfill.status == 202)
        #expect(try backfill.json["jobs"]?.array?.count == 3)
        #expect(try await fleet.post("\(path)/\(id)/backfill", range).json["jobs"]?.array?.count == 0)

        let first = try await fleet.get("\(path)/\(id)/runs?limit=3").json
        let next = try #require(first["next"]?.string)
        let second = try await fleet.get("\(path)/\(id)/runs?limit=3&before=\(next)").json
        #expect((first["runs"]?.array ?? []).count + (second["runs"]?.array ?? []).count == 4)
        #expect(second["next"] == .null)
        let reversed = try await fleet.post(
            "\(path)/\(id)/backfill",
            #"{"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}"#
        )
        #expect(reversed.status == 422)
        #expect(try await fleet.send("DELETE", "\(path)/\(id)", key: fleet.key, body: []).status == 204)
    }

    @Test("what an expression means is shown before it is a schedule, across a change of clocks")
    func expressions() async throws {
        let fleet = try Fleet.current
        let shown = try await fleet.post(
            "\(path):preview",
            #"{"expression": "*/30 2 * * *", "time_zone": "Europe/Berlin", "count": 4}"#
        )
        #expect(shown.status == 200, "\(shown.text)")
        #expect(try shown.json["fires"]?.array?.count == 4)
        for (body, field) in [
            (#"{"expression": "61 * * * *"}"#, "expression"),
            (#"{"expression": "@daily", "time_zone": "Mars/Base"}"#, "time_zone"),
            ("{}", "expression"),
        ] {
            let answer = try await fleet.post("\(path):preview", body)
            #expect(answer.status == 422)
            #expect(try answer.json["error"]?["field"]?.string == field)
        }
    }

    @Test(
        "another tenant's schedule is not told from one that does not exist; operators see all, the built-in ones too"
    )
    func tenants() async throws {
        let fleet = try Fleet.current
        let id = try #require(try await create("mine")["schedule_id"]?.string)
        let stranger = try await fleet.makeKey(tenant: "stranger", scopes: "submit,read")
        let nobody = UUID().uuidString.lowercased()
        for (method, tail) in [
            ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/runs"), ("GET", "/preview"), ("POST", "/pause"),
            ("POST", "/resume"),
            ("POST", "/run"), ("POST", "/backfill"),
        ] {
            let other = try await fleet.send(
                method,
                "\(path)/\(id)\(tail)",
                key: stranger,
                body: method == "GET" ? nil : Array("{}".utf8)
            )
            let none = try await fleet.send(
                method,
                "\(path)/\(nobody)\(tail)",
                key: stranger,
                body: method == "GET" ? nil : Array("{}".utf8)
            )
            #expect(other.status == 404, "\(method) \(tail)")
            #expect(none.status == 404)
        }
        let admin = try await fleet.makeKey(tenant: "ops", scopes: "admin")
        let all = try await fleet.get(path, key: admin).json["schedules"]?.array ?? []
        let builtins = all.filter { $0["builtin"] == true }
        let names = Set(builtins.compactMap { $0["name"]?.string })
        #expect(names.isSuperset(of: ["spot-advisor-check", "on-demand-weekly", "retention", "partitions"]))
        let retention = try #require(builtins.first { $0["name"] == "retention" }?["schedule_id"]?.string)
        #expect(try await fleet.send("DELETE", "\(path)/\(retention)", key: admin, body: []).status == 409)
        #expect(try await fleet.get("\(path)/\(retention)").status == 404, "not the tenant's")
        for name in ["retention", "partitions"] {
            let schedule = try #require(builtins.first { $0["name"]?.string == name }?["schedule_id"]?.string)
            let run = try await fleet.send("POST", "\(path)/\(schedule)/run", key: admin, body: [])
            let job = try #require(try run.json["job_id"]?.string)
            let ended = try await fleet.get("/api/v1/ml/jobs/\(job)?wait=20", key: admin).json
            #expect(ended["state"] == "succeeded", "\(name): \(ended.text())")
        }
        #expect(try await fleet.send("DELETE", "\(path)/\(id)", key: fleet.key, body: []).status == 204)
    }
}
