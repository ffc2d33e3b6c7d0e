import Contract

/// What the engines that size containers read first: a cluster, how much it uses, and where it runs.
struct MeasuredCluster {
    let state: ClusterState
    let usage: UsageTable
    let region: RequestRegion

    /// Reads the state, and the measurements in it or among the requirements.
    ///
    /// - Throws: 422 naming the field, for a region that is none or a state that is no object.
    init(_ request: DecisionRequest, _ fields: SpotFields, _ defaults: EngineDefaults) throws(APIError) {
        state = ClusterState(reading: request)
        region = try RequestRegion(
            try fields.first(RequestRegion.names),
            or: (try ClusterPlace(request).region, request.clusterStateField),
            defaults
        )
        var places: [JSONReader] = []
        for place in [request.clusterStateReader, request.requirementsReader] {
            guard case .object = place.value else { continue }
            for name in ["metrics", "usage", "usage_history"] {
                if let field = try place.optional(name) { places.append(field) }
            }
        }
        usage = UsageReader.read(places, nodes: Set(state.nodes.map(\.name)))
    }
}
