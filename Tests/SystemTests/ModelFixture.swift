import Contract
import Fetch

/// Uploads and moves models as an ML engineer does.
struct ModelFixture {
    static let prefix = "/api/v1/ml/models"
    private static let boundary = "b0undary"

    let fleet: Fleet
    let key: String

    init(_ fleet: Fleet, tenant: String = "modellers") async throws {
        self.fleet = fleet
        key = try await fleet.makeKey(tenant: tenant, scopes: "models,read")
    }

    /// The body of an upload; `more` replaces fields of the same name, an empty one leaves it out.
    static func form(_ file: [UInt8], _ version: String, more: [String: String] = [:]) -> [UInt8] {
        var fields = [
            "model_name": "linear", "model_version": version, "model_type": "spot_predictor",
            "trained_until_date": "2026-10-31",
        ]
        fields.merge(more) { _, new in new }
        var body: [UInt8] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            body += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
            )
        }
        body += Array(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/model.pkl\"\r\n\r\n"
                .utf8
        )
        return body + file + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    func send(_ form: [UInt8], key: String? = nil) async throws -> FetchResponse {
        try await fleet.send(
            "POST",
            Self.prefix + "/upload",
            key: key ?? self.key,
            body: form,
            headers: [("Content-Type", "multipart/form-data; boundary=\(Self.boundary)")]
        )
    }

    /// Uploads what must become ready; its id.
    func upload(_ file: [UInt8], _ version: String, more: [String: String] = [:]) async throws -> String {
        let answer = try await send(Self.form(file, version, more: more))
        guard answer.status == 201, try answer.json["status"]?.string == "ready",
            let id = try answer.json["model_id"]?.string
        else { throw FleetError("the upload answered \(answer.status): \(answer.text)") }
        return id
    }

    func post(_ path: String, _ json: String) async throws -> FetchResponse {
        try await fleet.send("POST", Self.prefix + path, key: key, body: Array(json.utf8))
    }

    func activate(_ id: String) async throws -> FetchResponse {
        try await post("/activate", #"{"model_id": "\#(id)"}"#)
    }

    func get(_ path: String) async throws -> FetchResponse { try await fleet.get(Self.prefix + path, key: key) }

    /// What the active model makes of one row.
    func predict(_ row: [Double]) async throws -> FetchResponse {
        let list = row.map { "\($0)" }.joined(separator: ", ")
        return try await fleet.send(
            "POST",
            "/api/v1/ml/predict/spot_predictor",
            key: key,
            body: Array(#"{"features": [\#(list)]}"#.utf8)
        )
    }
}
