import Contract

/// Where a cluster runs, as far as its state tells.
struct ClusterPlace {
    private(set) var region: String?
    private(set) var zones: [String] = []
    private(set) var problems: [ItemProblem] = []

    init(_ request: DecisionRequest) throws(APIError) {
        if case .object = request.clusterState, let field = try request.clusterStateReader.optional("region") {
            region = Self.wellFormed(try field.string())
        }
        let cluster = request.cluster
        problems = cluster.problems
        // A node of which not even the name could be read still lies somewhere.
        zones = Set((cluster.nodes.map(\.zone) + cluster.unreadable.map(\.zone)).compactMap { $0?.lowercased() })
            .sorted()
        let regions = cluster.nodes.map(\.region) + cluster.unreadable.map(\.region)
        if region == nil { region = regions.compactMap { $0.flatMap(Self.wellFormed) }.min() }
        if region == nil { region = zones.lazy.compactMap { RegionName.region(ofZone: $0) }.first }
    }

    /// Clusters outside AWS carry labels of their own kind, such as `eastus`: those say nothing here.
    private static func wellFormed(_ text: String) -> String? {
        RegionName.isWellFormed(text.lowercased()) ? text.lowercased() : nil
    }
}
