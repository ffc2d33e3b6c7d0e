/// A request for a decision, in either of the two shapes callers use.
///
/// One shape says `cluster_state`, the other `current_state` with `request_id`, `cluster_id` and `decision_type`.
/// Unknown fields are ignored. The cluster state stays raw JSON: each engine reads from it what it needs.
package struct DecisionRequest: Sendable, Hashable {
    package let type: DecisionType
    package var requestID: String?
    package var clusterID: String?
    /// Null when absent, which only the ghost probe allows.
    package let clusterState: JSONValue
    /// The cluster that the request describes: every object in it that could be read.
    ///
    /// Native Kubernetes objects in lists are only here, not in ``clusterState``, where each leaves a null.
    package let cluster: ClusterState
    /// Which of the two names the caller used; paths in errors use it too.
    package let clusterStateField: String
    package let requirements: JSONObject
    package let constraints: JSONObject
    package let timestamp: Timestamp?
    package let metadata: JSONObject
    /// The caller wants the evidence with the answer: `"explain": "full"`.
    package var explains: Bool

    /// Checks the envelope of a document that has been parsed already.
    ///
    /// - Throws: 422 with the field at fault.
    package init(_ document: JSONValue, type: DecisionType) throws(APIError) {
        try self.init(document, type: type, sink: ClusterSink())
    }

    private init(_ document: JSONValue, type: DecisionType, sink: ClusterSink) throws(APIError) {
        let reader = JSONReader(document)
        _ = try reader.object()
        self.type = type
        requestID = try reader.optional("request_id")?.string(maximumLength: 128)
        clusterID = try reader.optional("cluster_id")?.string()
        timestamp = try reader.optional("timestamp")?.timestamp()
        requirements = try reader.optional("requirements")?.object() ?? JSONObject()
        constraints = try reader.optional("constraints")?.object() ?? JSONObject()
        metadata = try reader.optional("metadata")?.object() ?? JSONObject()
        explains = try Self.explains(reader)
        try Self.checkType(reader, type)
        (clusterState, clusterStateField) = try Self.state(reader, type)
        cluster = sink.finish(document)
    }

    /// Reads a request from the bytes of a body.
    ///
    /// The limits must allow what the server accepts as a body.
    package init(body: [UInt8], type: DecisionType, limits: JSONLimits = .init()) throws(APIError) {
        let sink = ClusterSink()
        let document: JSONValue
        do throws(JSONParseError) {
            document = try JSONParser.parse(body, limits: limits, sink: sink)
        } catch {
            throw APIError(error)
        }
        try self.init(document, type: type, sink: sink)
    }

    package var requirementsReader: JSONReader { JSONReader(.object(requirements), path: .key(.root, "requirements")) }
    package var constraintsReader: JSONReader { JSONReader(.object(constraints), path: .key(.root, "constraints")) }
    package var clusterStateReader: JSONReader { JSONReader(clusterState, path: .key(.root, clusterStateField)) }

    private static func explains(_ reader: JSONReader) throws(APIError) -> Bool {
        guard let field = try reader.optional("explain") else { return false }
        switch try field.string() {
        case "full": return true
        case "none": return false
        default: throw field.invalid("must be full or none", hint: "Leave it out for a short answer.")
        }
    }

    private static func checkType(_ reader: JSONReader, _ type: DecisionType) throws(APIError) {
        guard let field = try reader.optional("decision_type") else { return }
        let name = try field.string()
        guard let named = DecisionType(name: name) else {
            throw field.invalid(
                "is no known decision type",
                hint: "Send one of " + DecisionType.allCases.map(\.rawValue).joined(separator: ", ") + "."
            )
        }
        guard named == type else {
            throw field.invalid("is \(named.rawValue), but this path decides \(type.rawValue)", hint: "Leave it out.")
        }
    }

    private static func state(
        _ reader: JSONReader,
        _ type: DecisionType
    ) throws(APIError) -> (JSONValue, String) {
        if let state = try reader.first(of: ["cluster_state", "current_state"]) {
            _ = try state.object()
            return (state.value, try reader.optional("cluster_state") == nil ? "current_state" : "cluster_state")
        }
        // The document may be what kubectl printed, and nothing else.
        if case .string(let kind) = reader.value["kind"], kind.hasSuffix("List"), reader.value["items"]?.array != nil {
            return (.object(JSONObject()), "cluster_state")
        }
        guard type.needsClusterState else { return (.null, "cluster_state") }
        throw APIError(
            .missingField,
            "cluster_state is missing",
            field: "cluster_state",
            hint: "Send the cluster's nodes, pods and metrics as an object named cluster_state or current_state; "
                + "an empty object is allowed."
        )
    }
}
