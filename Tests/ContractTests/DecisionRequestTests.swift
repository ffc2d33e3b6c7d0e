import Contract
import Testing

@Suite("Decision request")
struct DecisionRequestTests {
    static func read(_ text: String, _ type: DecisionType = .spotOptimize) throws -> DecisionRequest {
        try DecisionRequest(body: Array(text.utf8), type: type)
    }

    @Test("the shape of the running client is read")
    func clientShape() throws {
        let request = try Self.read(
            #"{"cluster_state":{"nodes":[],"pods":[],"metrics":{}},"requirements":{"cpu":2},"constraints":{}}"#
        )
        #expect(request.requestID == nil)
        #expect(request.clusterStateField == "cluster_state")
        #expect(request.requirements["cpu"] == .integer(2))
    }

    @Test("the documented shape is read, unknown fields are ignored")
    func documentedShape() throws {
        let request = try Self.read(
            #"{"request_id":"r-1","cluster_id":"c-1","decision_type":"spot_optimize","current_state":{"region":"eu-west-1"},"#
                + #""requirements":{},"constraints":null,"timestamp":"2026-11-23T20:52:24Z","metadata":{"x":1},"new":[1]}"#
        )
        #expect(request.requestID == "r-1")
        #expect(request.clusterID == "c-1")
        #expect(request.clusterState["region"] == "eu-west-1")
        #expect(request.clusterStateField == "current_state")
        #expect(request.timestamp?.description == "2026-11-23T20:52:24.000Z")
        #expect(request.constraints.isEmpty)
    }

    @Test("requirements, constraints and metadata may be left out")
    func minimal() throws {
        #expect(try Self.read(#"{"current_state":{}}"#).requirements.isEmpty)
    }

    @Test("only the ghost probe may leave the cluster state out", arguments: DecisionType.allCases)
    func clusterState(type: DecisionType) throws {
        let text = #"{"requirements":{"ec2_instances":[],"k8s_node_instance_ids":[]}}"#
        if type == .ghostProbe {
            #expect(try Self.read(text, type).clusterState.isNull)
        } else {
            let error = #expect(throws: APIError.self) { try Self.read(text, type) }
            #expect(error?.status == 422)
            #expect(error?.field == "cluster_state")
            #expect(error?.hint.contains("current_state") == true)
        }
    }

    @Test(
        "bad envelopes are refused with status, code and field",
        arguments: [
            ("", 400, "malformed_json", nil), ("{", 400, "malformed_json", nil),
            ("[]", 422, "wrong_type", nil), ("null", 422, "wrong_type", nil), ("\"x\"", 422, "wrong_type", nil),
            ("{}", 422, "missing_field", "cluster_state"),
            (#"{"cluster_state":null}"#, 422, "missing_field", "cluster_state"),
            (#"{"cluster_state":[]}"#, 422, "wrong_type", "cluster_state"),
            (#"{"current_state":"x"}"#, 422, "wrong_type", "current_state"),
            (#"{"cluster_state":{},"requirements":[]}"#, 422, "wrong_type", "requirements"),
            (#"{"cluster_state":{},"constraints":7}"#, 422, "wrong_type", "constraints"),
            (#"{"cluster_state":{},"metadata":"m"}"#, 422, "wrong_type", "metadata"),
            (#"{"cluster_state":{},"request_id":5}"#, 422, "wrong_type", "request_id"),
            (#"{"cluster_state":{},"request_id":""}"#, 422, "invalid_value", "request_id"),
            (#"{"cluster_state":{},"request_id":"a\nb"}"#, 422, "invalid_value", "request_id"),
            (#"{"cluster_state":{},"cluster_id":{}}"#, 422, "wrong_type", "cluster_id"),
            (#"{"cluster_state":{},"timestamp":"yesterday"}"#, 422, "invalid_value", "timestamp"),
            (#"{"cluster_state":{},"timestamp":17}"#, 422, "wrong_type", "timestamp"),
            (#"{"cluster_state":{},"decision_type":"magic"}"#, 422, "invalid_value", "decision_type"),
            (#"{"cluster_state":{},"decision_type":"rightsize"}"#, 422, "invalid_value", "decision_type"),
            (#"{"cluster_state":{},"cluster_state":{}}"#, 400, "malformed_json", "cluster_state"),
        ] as [(String, Int, String, String?)]
    )
    func refused(text: String, status: Int, code: String, field: String?) throws {
        let error = try #require(#expect(throws: APIError.self) { try Self.read(text) })
        #expect(error.status == status)
        #expect(error.code.rawValue == code)
        #expect(error.field == field)
        #expect(!error.hint.isEmpty)
    }

    @Test("all paths and aliases find their engine")
    func paths() throws {
        let segments = [
            "spot-optimize", "bin-pack", "rightsize", "schedule", "office-hours", "ghost-probe", "volume-cleanup",
            "network-optimize", "oomkilled-remediate", "oomkilled-remediation",
        ]
        #expect(Set(segments.compactMap { DecisionType(pathSegment: $0) }).count == 8)
        #expect(segments.allSatisfy { DecisionType(pathSegment: $0) != nil })
        #expect(DecisionType(pathSegment: "office-hours") == DecisionType(pathSegment: "schedule"))
        #expect(DecisionType(pathSegment: "spot_optimize") == nil)
        #expect(DecisionType(name: "SpotOptimizerEngine") == .spotOptimize)
        #expect(DecisionType(name: "office-hours") == .schedule)
        #expect(DecisionType(name: "oomkilled_remediation") == .oomkilledRemediate)
    }
}
