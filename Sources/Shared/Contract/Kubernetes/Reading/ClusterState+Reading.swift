extension ClusterState {
    /// The cluster that a request describes, in whichever shape it came.
    package init(reading request: DecisionRequest) { self = request.cluster }

    /// Reads what stands under `cluster_state` in a request.
    package init(state: JSONValue) {
        self = ClusterSink().finish(["cluster_state": state])
    }

    /// Reads what kubectl printed: a list of objects of any kinds, or one object.
    ///
    /// - Throws: ``JSONParseError`` when it is no JSON.
    package init(kubectl bytes: [UInt8], limits: JSONLimits = .init()) throws(JSONParseError) {
        let sink = ClusterSink()
        let document = try JSONParser.parse(bytes, limits: limits, sink: sink)
        if document["items"] == nil {
            self = ClusterSink().finish(["cluster_state": document])
        } else {
            self = sink.finish(document)
        }
    }
}
