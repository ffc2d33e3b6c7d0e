import Foundation
import Testing

extension BadInputTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let what: String
        let body: [UInt8]
        let status: Int
        let code: String
        var field: String?
        var hint: String?
        var headers: [(String, String)] = []

        init(
            _ what: String,
            _ body: String,
            _ status: Int,
            _ code: String,
            field: String? = nil,
            hint: String? = nil,
            headers: [(String, String)] = []
        ) {
            self.init(what, bytes: Array(body.utf8), status, code, field: field, hint: hint, headers: headers)
        }

        init(
            _ what: String,
            bytes: [UInt8],
            _ status: Int,
            _ code: String,
            field: String? = nil,
            hint: String? = nil,
            headers: [(String, String)] = []
        ) {
            (self.what, body, self.status, self.code) = (what, bytes, status, code)
            (self.field, self.hint, self.headers) = (field, hint, headers)
        }

        var testDescription: String { what }
    }

    static func requirements(_ json: String) -> String { #"{"cluster_state": {}, "requirements": \#(json)}"# }

    static let unreadable: [Bad] = [
        Bad("an empty body", "", 400, "malformed_json"),
        Bad("no JSON at all", "hello", 400, "malformed_json"),
        Bad("single quotes", "{'cluster_state': {}}", 400, "malformed_json"),
        Bad("a trailing comma", #"{"cluster_state": {},}"#, 400, "malformed_json", field: "cluster_state"),
        Bad("an unfinished document", #"{"cluster_state": {"#, 400, "malformed_json", field: "cluster_state"),
        Bad("two documents", "{} {}", 400, "malformed_json"),
        Bad(
            "100,000 open brackets",
            String(repeating: "[", count: 100_000),
            400,
            "malformed_json",
            field: String(repeating: "[0]", count: 64)
        ),
        Bad(
            "deep objects",
            String(repeating: #"{"a":"#, count: 10_000),
            400,
            "malformed_json",
            field: "a" + String(repeating: ".a", count: 63)
        ),
        Bad(
            "the same key twice",
            #"{"cluster_state": {}, "cluster_state": {}, "requirements": {}}"#,
            400,
            "malformed_json",
            field: "cluster_state"
        ),
        Bad("NaN", requirements(#"{"cpu": NaN}"#), 400, "malformed_json", field: "requirements.cpu"),
        Bad("Infinity", requirements(#"{"cpu": -Infinity}"#), 400, "malformed_json", field: "requirements.cpu"),
        Bad(
            "a number beyond a double",
            requirements(#"{"cpu": 1e999}"#),
            400,
            "malformed_json",
            field: "requirements.cpu"
        ),
        Bad("a leading zero", requirements(#"{"cpu": 04}"#), 400, "malformed_json", field: "requirements.cpu"),
        Bad(
            "bytes that are no UTF-8",
            bytes: Array(#"{"cluster_state": {"n": ""#.utf8) + [0xFF, 0xFE] + Array(#""}}"#.utf8),
            400,
            "malformed_json",
            field: "cluster_state.n"
        ),
        Bad(
            "half a surrogate pair",
            #"{"cluster_state": {"n": "\uD800"}}"#,
            400,
            "malformed_json",
            field: "cluster_state.n"
        ),
        Bad(
            "a raw NUL in a string",
            bytes: Array(#"{"cluster_state": {"n": ""#.utf8) + [0] + Array(#""}}"#.utf8),
            400,
            "malformed_json",
            field: "cluster_state.n"
        ),
        Bad(
            "a wrong media type",
            DecisionContractTests.body,
            415,
            "unsupported_media_type",
            field: "Content-Type",
            headers: [("Content-Type", "text/xml")]
        ),
        Bad(
            "a form with a file",
            DecisionContractTests.body,
            415,
            "unsupported_media_type",
            field: "Content-Type",
            headers: [("Content-Type", "multipart/form-data; boundary=x")]
        ),
        Bad(
            "an unknown encoding",
            DecisionContractTests.body,
            415,
            "unsupported_media_type",
            field: "Content-Encoding",
            headers: [("Content-Encoding", "br")]
        ),
        Bad(
            "gzip that is none",
            DecisionContractTests.body,
            400,
            "unreadable_body",
            headers: [("Content-Encoding", "gzip")]
        ),
        Bad(
            "gzip that breaks off",
            bytes: (try? GzipText.packed(DecisionContractTests.body).dropLast(12)) ?? [],
            400,
            "unreadable_body",
            headers: [("Content-Encoding", "gzip")]
        ),
        Bad(
            "gzip with something behind it",
            bytes: ((try? GzipText.packed(DecisionContractTests.body)) ?? []) + [1, 2, 3],
            400,
            "unreadable_body",
            headers: [("Content-Encoding", "gzip")]
        ),
    ]

    static let wrong: [Bad] = [
        Bad("a list at the top", "[]", 422, "wrong_type"),
        Bad("null at the top", "null", 422, "wrong_type"),
        Bad("text at the top", #""x""#, 422, "wrong_type"),
        Bad(
            "no cluster state",
            #"{"requirements": {"cpu": 2}}"#,
            422,
            "missing_field",
            field: "cluster_state",
            hint: "cluster_state or current_state"
        ),
        Bad(
            "cluster state null",
            #"{"cluster_state": null, "requirements": {}}"#,
            422,
            "missing_field",
            field: "cluster_state"
        ),
        Bad(
            "cluster state a list",
            #"{"cluster_state": [], "requirements": {}}"#,
            422,
            "wrong_type",
            field: "cluster_state",
            hint: "an object"
        ),
        Bad(
            "current state a text",
            #"{"current_state": "x", "requirements": {}}"#,
            422,
            "wrong_type",
            field: "current_state"
        ),
        Bad("requirements a list", requirements("[]"), 422, "wrong_type", field: "requirements"),
        Bad(
            "constraints a number",
            #"{"cluster_state": {}, "constraints": 1}"#,
            422,
            "wrong_type",
            field: "constraints"
        ),
        Bad("request_id a number", #"{"request_id": 1, "cluster_state": {}}"#, 422, "wrong_type", field: "request_id"),
        Bad(
            "request_id too long",
            #"{"request_id": "\#(String(repeating: "x", count: 129))", "cluster_state": {}}"#,
            422,
            "invalid_value",
            field: "request_id"
        ),
        Bad(
            "request_id with a line break",
            #"{"request_id": "a\nb", "cluster_state": {}}"#,
            422,
            "invalid_value",
            field: "request_id"
        ),
        Bad(
            "another decision type",
            #"{"decision_type": "bin_pack", "cluster_state": {}}"#,
            422,
            "invalid_value",
            field: "decision_type"
        ),
        Bad(
            "no decision type",
            #"{"decision_type": "poetry", "cluster_state": {}}"#,
            422,
            "invalid_value",
            field: "decision_type",
            hint: "spot_optimize"
        ),
        Bad(
            "no time",
            #"{"timestamp": "yesterday", "cluster_state": {}}"#,
            422,
            "invalid_value",
            field: "timestamp",
            hint: "2026-01-31T08:30:00Z"
        ),
        Bad(
            "a region nobody has",
            requirements(#"{"region": "us-east-9"}"#),
            422,
            "unknown_region",
            field: "requirements.region",
            hint: "us-east-1"
        ),
        Bad(
            "no region at all",
            requirements(#"{"region": "the moon"}"#),
            422,
            "unknown_region",
            field: "requirements.region",
            hint: "us-east-1"
        ),
        Bad("region a number", requirements(#"{"region": 1}"#), 422, "wrong_type", field: "requirements.region"),
        Bad(
            "negative CPU",
            requirements(#"{"cpu": -1}"#),
            422,
            "invalid_value",
            field: "requirements.cpu",
            hint: "0 to"
        ),
        Bad("CPU as a list", requirements(#"{"cpu": [4]}"#), 422, "wrong_type", field: "requirements.cpu"),
        Bad("absurd CPU", requirements(#"{"cpu": 1e300}"#), 422, "invalid_value", field: "requirements.cpu"),
        Bad(
            "absurd memory",
            requirements(#"{"memory_gb": 99999999999}"#),
            422,
            "invalid_value",
            field: "requirements.memory_gb"
        ),
        Bad(
            "negative memory",
            requirements(#"{"memory_gb": -0.1}"#),
            422,
            "invalid_value",
            field: "requirements.memory_gb"
        ),
        Bad("half a node", requirements(#"{"node_count": 1.5}"#), 422, "wrong_type", field: "requirements.node_count"),
        Bad("no node", requirements(#"{"node_count": 0}"#), 422, "invalid_value", field: "requirements.node_count"),
        Bad(
            "a whole number beyond 64 bits",
            requirements(#"{"node_count": 99999999999999999999}"#),
            422,
            "invalid_value",
            field: "requirements.node_count"
        ),
        Bad(
            "a zone of another region",
            requirements(#"{"region": "us-east-1", "zones": ["eu-west-1a"]}"#),
            422,
            "invalid_value",
            field: "requirements.zones",
            hint: "us-east-1a"
        ),
        Bad(
            "a risk of 2",
            #"{"cluster_state": {}, "requirements": {}, "constraints": {"max_risk": 2}}"#,
            422,
            "invalid_value",
            field: "constraints.max_risk"
        ),
        Bad(
            "an unknown order",
            requirements(#"{"rank_by": "luck"}"#),
            422,
            "invalid_value",
            field: "requirements.rank_by",
            hint: "expected_cost"
        ),
        Bad(
            "an unknown architecture",
            requirements(#"{"architecture": "z80"}"#),
            422,
            "invalid_value",
            field: "requirements.architecture",
            hint: "arm64"
        ),
        Bad(
            "an endless idempotency key",
            DecisionContractTests.body,
            422,
            "invalid_value",
            field: "Idempotency-Key",
            headers: [("Idempotency-Key", String(repeating: "k", count: 256))]
        ),
    ]

    static let bareRequests: [(line: String, headers: [(String, String)], status: Int, code: String)] = [
        ("GET /api/v1/ml/jobs/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e", [], 404, "job_not_found"),
        ("GET /api/v1/ml/jobs/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e?wait=20", [], 404, "job_not_found"),
        ("GET /api/v1/ml/jobs/42", [], 422, "malformed_id"),
        ("GET /api/v1/ml/jobs/%00", [], 422, "malformed_id"),
        ("GET /api/v1/ml/jobs/550e8400-e29b-41d4-a716-446655440000", [], 422, "malformed_id"),
        ("GET /api/v1/ml/jobs/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e?wait=abc", [], 422, "invalid_value"),
        ("GET /api/v1/ml/jobs/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e?wait=-1", [], 422, "invalid_value"),
        ("GET /api/v1/ml/jobs/0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e?wait=61", [], 422, "invalid_value"),
        ("GET /api/v1/ml/nothing", [], 404, "not_found"),
        ("GET /%2e%2e/%2e%2e/etc/passwd", [], 404, "not_found"),
        ("GET /api/v1/ml/decision/spot-optimize", [], 405, "method_not_allowed"),
        ("DELETE /api/v1/ml/health", [], 405, "method_not_allowed"),
        ("POST /api/v1/ml/decision/read-tea-leaves", [], 404, "not_found"),
    ]

    static let badKeys: [(what: String, headers: [(String, String)], code: String)] = [
        ("none", [], "missing_credentials"),
        ("of no shape", [("X-API-Key", "letmein")], "invalid_credentials"),
        ("unknown", [("X-API-Key", "sk_0123456789ab_" + String(repeating: "0", count: 64))], "invalid_credentials"),
        (
            "with a capital letter", [("X-API-Key", "SK_0123456789ab_" + String(repeating: "0", count: 64))],
            "invalid_credentials"
        ),
        ("as another scheme", [("Authorization", "Basic YWRtaW46YWRtaW4=")], "invalid_credentials"),
        ("as an empty bearer", [("Authorization", "Bearer")], "invalid_credentials"),
        ("an injection", [("X-API-Key", "' OR 1=1 --")], "invalid_credentials"),
    ]

    static let garbage: [(what: String, bytes: [UInt8])] = [
        ("no HTTP", Array("hello\r\n\r\n".utf8)),
        ("TLS", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]),
        ("zeros", [UInt8](repeating: 0, count: 4096)),
        ("a negative length", Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n".utf8)),
        (
            "two lengths",
            Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".utf8)
        ),
        (
            "length and chunks",
            Array(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
                    .utf8
            )
        ),
        ("a bad chunk", Array("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n".utf8)),
        ("a header without an end", Array("GET / HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 0x61, count: 200_000)),
        ("an old version", Array("GET / HTTP/0.9\r\n\r\n".utf8)),
        ("HTTP/2", Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)),
    ]
}
