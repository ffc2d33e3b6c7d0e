import Contract
import Fetch

/// Uploads and calls engines as an operator does.
struct EngineFixture {
    static let prefix = "/api/v1/ml/engines"

    let fleet: Fleet
    let key: String

    init(_ fleet: Fleet) async throws {
        self.fleet = fleet
        key = try await fleet.makeKey(tenant: "operators", scopes: "admin")
    }

    struct Field {
        let name: String
        let value: String
        var filename: String?
        var type: String?
    }

    static func form(_ fields: [Field], boundary: String = "b0undary") -> [UInt8] {
        var text = ""
        for field in fields {
            text += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\""
            if let filename = field.filename { text += "; filename=\"\(filename)\"" }
            if let type = field.type { text += "\r\nContent-Type: \(type)" }
            text += "\r\n\r\n\(field.value)\r\n"
        }
        return Array((text + "--\(boundary)--\r\n").utf8)
    }

    /// The fields of an upload; `more` replaces those of the same name.
    static func fields(
        _ name: String,
        _ version: String,
        _ source: String,
        more: [String: String] = [:],
        filename: String = "engine.lua"
    ) -> [Field] {
        var values = ["engine_name": name, "engine_version": version, "engine_type": "spot_optimizer"]
        values.merge(more) { _, new in new }
        return values.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: $0.value) }
            + [Field(name: "file", value: source, filename: filename, type: "text/x-lua")]
    }

    func send(_ fields: [Field], key: String? = nil) async throws -> FetchResponse {
        try await post("/upload", Self.form(fields), type: "multipart/form-data; boundary=b0undary", key: key)
    }

    func post(_ path: String, _ body: [UInt8], type: String, key: String? = nil) async throws -> FetchResponse {
        try await fleet.send(
            "POST",
            Self.prefix + path,
            key: key ?? self.key,
            body: body,
            headers: [("Content-Type", type)]
        )
    }

    func post(_ path: String, _ json: JSONValue, key: String? = nil) async throws -> FetchResponse {
        try await post(path, json.bytes(), type: "application/json", key: key)
    }

    func get(_ path: String) async throws -> FetchResponse {
        try await fleet.get(Self.prefix + path, key: key)
    }

    /// Uploads an engine that must pass its test; its id.
    func upload(_ name: String, _ version: String, _ source: String, more: [String: String] = [:]) async throws
        -> String
    {
        let answer = try await send(Self.fields(name, version, source, more: more))
        guard answer.status == 201, try answer.json["status"]?.string == "test_passed",
            let id = try answer.json["engine_id"]?.string
        else { throw FleetError("the upload answered \(answer.status): \(answer.text)") }
        return id
    }

    func select(_ id: String, config: JSONValue? = nil, mode: String? = nil) async throws -> FetchResponse {
        var body: JSONObject = ["engine_id": .string(id)]
        body["config"] = config
        body["mode"] = mode.map { .string($0) }
        return try await post("/select", .object(body))
    }

    /// Asks for a decision; the moment is fixed, so equal questions have equal answers.
    func decide(_ metadata: JSONObject = [:], cluster: String = "c-1") async throws -> JSONValue {
        let body: JSONValue = [
            "request_id": "r", "cluster_id": .string(cluster), "timestamp": "2026-11-20T10:00:00Z",
            "cluster_state": [:], "requirements": ["region": "us-east-1", "cpu": 2, "memory_gb": 4],
            "metadata": .object(metadata),
        ]
        let answer = try await fleet.post("/api/v1/ml/decision/spot-optimize", body.text())
        guard answer.status == 200 else { throw FleetError("the decision answered \(answer.status): \(answer.text)") }
        return try answer.json
    }

    /// The first decision that `holds`: what was selected is in force within a second or so.
    func decision(_ metadata: JSONObject = [:], where holds: (JSONValue) -> Bool) async throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(15)
        while true {
            let decision = try await decide(metadata)
            if holds(decision) { return decision }
            guard ContinuousClock.now < end else {
                throw FleetError("no decision holds; the last is \(decision.text())")
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}

extension JSONValue {
    /// The uploaded engine that took part in a decision.
    var customEngine: JSONValue? { self["provenance"]?["custom_engine"] }
    var types: [String] { (self["recommendations"]?.array ?? []).compactMap { $0["instance_type"]?.string } }
    var warnings: String { (self["metadata"]?["warnings"]?.array ?? []).compactMap(\.string).joined(separator: "\n") }
}
