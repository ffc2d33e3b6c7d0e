import Contract
import Fetch
import Support
import Testing

@Suite("Jobs, prices, health and keys over HTTP", .fleet(), .serialized)
struct ResourceContractTests {
    private let prefix = "/api/v1/ml"

    // MARK: Who may see and do what

    @Test("another tenant does not find a job; an admin does")
    func tenants() async throws {
        let fleet = try Fleet.current
        let answer = try await fleet.post(
            DecisionContractTests.path,
            DecisionContractTests.body,
            headers: [("Prefer", "respond-async")]
        )
        let id = try #require(try answer.json["job_id"]?.string)
        let stranger = try await fleet.makeKey(tenant: "globex", scopes: "submit,read")
        let admin = try await fleet.makeKey(tenant: "operations", scopes: "admin")

        let hidden = try await fleet.get("\(prefix)/jobs/\(id)", key: stranger)
        #expect(hidden.status == 404)
        #expect(try hidden.json["error"]?["code"]?.string == "job_not_found")
        let waited = try await fleet.get("\(prefix)/jobs/\(id)?wait=20", key: stranger)
        #expect(waited.status == 404)
        let seen = try await fleet.get("\(prefix)/jobs/\(id)?wait=20", key: admin)
        #expect(seen.status == 200)
        #expect(try seen.json["state"]?.string == "succeeded")
    }

    @Test("a key may do what its scopes say and nothing else")
    func scopes() async throws {
        let fleet = try Fleet.current
        let reader = try await fleet.makeKey(tenant: "acme", scopes: "read")
        let writer = try await fleet.makeKey(tenant: "acme", scopes: "submit")
        let before =
            try await fleet.count("SELECT count(*) FROM job_live") + fleet.count("SELECT count(*) FROM job_result")

        for (path, body) in [
            (DecisionContractTests.path, DecisionContractTests.body),
            ("\(prefix)/pricing/fetch", #"{"data_type": "spot_advisor"}"#),
        ] {
            let refused = try await fleet.send("POST", path, key: reader, body: Array(body.utf8))
            #expect(refused.status == 403)
            #expect(try refused.json["error"]?["code"]?.string == "forbidden")
            #expect(try refused.json["error"]?["hint"]?.string?.contains("submit") == true)
        }
        #expect(try await fleet.get("\(prefix)/pricing/spot-advisor", key: writer).status == 403)
        #expect(try await fleet.get("\(prefix)/pricing/spot-advisor", key: reader).status == 200)
        let after =
            try await fleet.count("SELECT count(*) FROM job_live") + fleet.count("SELECT count(*) FROM job_result")
        #expect(before == after)
    }

    @Test("a revoked key ends within ten seconds")
    func revoked() async throws {
        let fleet = try Fleet.current
        let key = try await fleet.makeKey(tenant: "acme", scopes: "read")
        #expect(try await fleet.get("\(prefix)/pricing/spot-advisor?limit=1", key: key).status == 200)

        let keyID = try #require(key.split(separator: "_").dropFirst().first)
        _ = try await Fleet.control(["keys", "revoke", String(keyID)], fleet.environment)

        try await Condition.holds(within: .seconds(11)) {
            try await fleet.get("\(prefix)/pricing/spot-advisor?limit=1", key: key).status == 401
        }
    }

    // MARK: Prices

    @Test("fetching prices is a job like any other")
    func fetchPrices() async throws {
        let fleet = try Fleet.current
        let answer = try await fleet.post("\(prefix)/pricing/fetch", #"{"data_type": "spot_advisor"}"#)

        #expect(answer.status == 202)
        let reply = try answer.json
        let id = try #require(reply["task_id"]?.string)
        #expect(reply["status"]?.string?.isEmpty == false)
        #expect((reply["estimated_records"]?.integer ?? 0) > 0)
        #expect(answer.headers["location"] == "\(prefix)/jobs/\(id)")
        let job = try await fleet.get("\(prefix)/jobs/\(id)")
        #expect(try job.json["kind"]?.string == "pricing.fetch")
    }

    static let badOrders: [(body: String, code: String, field: String?)] = [
        (#"{"data_type": "weather"}"#, "invalid_value", "data_type"),
        (#"{"data_type": 7}"#, "wrong_type", "data_type"),
        (#"{"data_type": ""}"#, "invalid_value", "data_type"),
        (#"{}"#, "missing_field", "data_type"),
        (#"{"data_type": "on_demand_prices", "regions": 5}"#, "wrong_type", "regions"),
        (#"{"data_type": "on_demand_prices", "regions": [5]}"#, "wrong_type", "regions[0]"),
        (#"{"data_type": "on_demand_prices", "regions": ["../../etc"]}"#, "unknown_region", "regions"),
        (#"[]"#, "wrong_type", nil),
    ]

    @Test("a wrong order for prices is refused by field", arguments: badOrders)
    func badOrder(_ body: String, _ code: String, _ field: String?) async throws {
        let answer = try await Fleet.current.post("\(prefix)/pricing/fetch", body)

        #expect(answer.status == 422)
        #expect(try answer.json["error"]?["code"]?.string == code)
        #expect(try answer.json["error"]?["field"]?.string == field)
    }

    @Test("the stored feed is a bare list of rows in the documented shape, narrowed by filters")
    func spotAdvisor() async throws {
        let fleet = try Fleet.current
        let rows = try #require(
            try await fleet.get("\(prefix)/pricing/spot-advisor?instance_type=m5.large&region=us-east-1").json.array
        )

        #expect(!rows.isEmpty)
        for row in rows {
            #expect(row["instance_type"]?.string == "m5.large")
            #expect(row["region"]?.string == "us-east-1")
            #expect(row["interruption_rate"]?.string?.isEmpty == false)
            #expect(row["savings_over_od"]?.integer != nil)
            #expect(row["last_updated"]?.string?.isEmpty == false)
        }
        #expect(try await fleet.get("\(prefix)/pricing/spot-advisor?region=nowhere").json.array?.isEmpty == true)
    }

    @Test(
        "the Link header pages through all rows, each once",
        arguments: [
            ("limit=7", "true"), ("limit=9&region=us-east-1", "region = 'us-east-1'"),
            ("operating_system=Linux&limit=13&note=%0d%0aX-Evil:%201%26%3E%3B%20%22", "operating_system = 'Linux'"),
        ]
    )
    func paging(_ query: String, _ condition: String) async throws {
        let fleet = try Fleet.current
        let expected = try await fleet.count("SELECT count(*) FROM spot_advisor_data WHERE \(condition)")
        var next: String? = "\(prefix)/pricing/spot-advisor?\(query)"
        var seen: [String] = []
        var pages = 0

        while let path = next, pages <= expected {
            let answer = try await fleet.get(path)
            try #require(answer.status == 200, "\(path): \(answer.text)")
            #expect(answer.headers["x-evil"] == nil)
            for row in try #require(try answer.json.array) {
                seen.append(
                    ["region", "operating_system", "instance_type"].map { row[$0]?.string ?? "?" }.joined(
                        separator: "/"
                    )
                )
            }
            let link = answer.headers["link"]
            next = link.map { String($0.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" }) }
            if let link { #expect(link.hasSuffix(">; rel=\"next\"")) }
            pages += 1
        }

        #expect(expected > 30)
        #expect(seen.count == expected)
        #expect(Set(seen).count == expected)
        #expect(pages > 1)
    }

    @Test(
        "odd queries are refused by field or simply find nothing",
        arguments: [
            ("limit=0", 422), ("limit=10001", 422), ("limit=abc", 422), ("limit=", 422), ("after=x", 422),
            ("after=%2F%2F", 200),
            ("instance_type=%00", 422), ("region=%FF%FE", 200), ("region='%20OR%201=1--", 200), ("=&&=", 200),
            ("after=%00/%00/%00", 422), ("region=%0d%0aX:%20y", 422),
        ]
    )
    func oddQuery(_ query: String, _ status: Int) async throws {
        let fleet = try Fleet.current
        let answer = try await RawHTTP.exchange(
            port: try fleet.port,
            "GET \(prefix)/pricing/spot-advisor?\(query) HTTP/1.1\r\nHost: x\r\nX-API-Key: \(fleet.key)\r\nConnection: close\r\n\r\n"
        )

        #expect(answer.status == status, "\(query): \(answer.text.prefix(600))")
    }

    // MARK: Health and service

    @Test("health says everything at both paths, without a key", arguments: ["/health", "/api/v1/ml/health"])
    func health(_ path: String) async throws {
        let fleet = try Fleet.current
        let answer = try await fleet.send("GET", path, key: nil)

        #expect(answer.status == 200)
        let reply = try answer.json
        #expect(reply["status"]?.string == "healthy", "\(answer.text)")
        #expect(reply["service"]?.string == "ml-server")
        #expect(reply["version"]?.string?.isEmpty == false)
        #expect(reply["database"]?.string == "connected")
        #expect(reply["redis"]?.string == "connected")
        #expect(reply["models_loaded"]?.integer == 0)
        for name in ["database", "redis"] { #expect(reply["components"]?[name]?.string == "healthy") }
        for name in ["models_loaded", "engines_loaded"] { #expect(reply["components"]?[name]?.integer != nil) }
    }

    @Test(
        "liveness, readiness and the service itself answer without a key",
        arguments: [
            "/health/live", "/health/ready", "/api/v1/ml/health/live", "/api/v1/ml/health/ready", "/",
        ]
    )
    func probes(_ path: String) async throws {
        let answer = try await Fleet.current.send("GET", path, key: nil)

        #expect(answer.status == 200)
        #expect(try answer.json.object != nil)
    }

    @Test(
        "a sane request id comes back, in errors too; any other is replaced",
        arguments: [
            ("my-id-1", true), ("a/b:c#d", true), (String(repeating: "x", count: 129), false), ("two words", false),
            ("q\"uote", false),
        ]
    )
    func requestID(_ id: String, _ isKept: Bool) async throws {
        let fleet = try Fleet.current
        let fine = try await fleet.send("GET", "/health", key: nil, headers: [("X-Request-ID", id)])
        let wrong = try await fleet.send("GET", "\(prefix)/jobs/x", key: fleet.key, headers: [("X-Request-ID", id)])
        let nowhere = try await fleet.send("GET", "/nowhere", key: nil, headers: [("X-Request-ID", id)])

        for answer in [fine, wrong, nowhere] {
            #expect((answer.headers["x-request-id"] == id) == isKept)
            #expect(answer.headers["x-request-id"]?.isEmpty == false)
        }
        for answer in [wrong, nowhere] {
            #expect(try answer.json["request_id"]?.string == answer.headers["x-request-id"])
        }
    }
}
