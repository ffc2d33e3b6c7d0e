import Contract

/// Where a cluster runs, as far as its state tells.
struct ClusterPlace {
    /// Enough to find every zone of a region; a dump of ten thousand nodes says nothing more.
    private static let inspectedNodes = 500

    private(set) var region: String?
    private(set) var zones: [String] = []
    private(set) var problems: [ItemProblem] = []

    init(_ request: DecisionRequest) throws(APIError) {
        guard case .object = request.clusterState else { return }
        let state = request.clusterStateReader
        if let field = try state.optional("region") { region = Self.wellFormed(try field.string()) }
        guard let nodes = try Self.nodes(state) else { return }
        var found: Set<String> = []
        for node in nodes.prefix(Self.inspectedNodes) {
            do throws(APIError) {
                try read(node, &found)
            } catch {
                problems.append(ItemProblem(error, at: node))
            }
        }
        zones = found.sorted()
        if region == nil { region = zones.lazy.compactMap { RegionName.region(ofZone: $0) }.first }
    }

    /// Nodes come as a plain list or as a Kubernetes List.
    private static func nodes(_ state: JSONReader) throws(APIError) -> [JSONReader]? {
        guard let field = try state.optional("nodes") else { return nil }
        if case .object = field.value { return try field.optional("items")?.elements() }
        return try field.elements()
    }

    private mutating func read(_ node: JSONReader, _ found: inout Set<String>) throws(APIError) {
        let places = [try node.optional("metadata")?.optional("labels"), try node.optional("labels"), node]
        let zone = try Self.text(
            places,
            [
                "topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone",
                "availability_zone", "zone", "az",
            ]
        )
        if let zone { found.insert(zone.lowercased()) }
        guard region == nil else { return }
        let name = try Self.text(
            places,
            [
                "topology.kubernetes.io/region",
                "failure-domain.beta.kubernetes.io/region", "region",
            ]
        )
        region = name.flatMap(Self.wellFormed)
    }

    /// The first text found under the names, place by place.
    private static func text(_ places: [JSONReader?], _ names: [String]) throws(APIError) -> String? {
        for place in places {
            if let field = try place?.first(of: names) { return try field.string() }
        }
        return nil
    }

    /// Clusters outside AWS carry labels of their own kind, such as `eastus`: those say nothing here.
    private static func wellFormed(_ text: String) -> String? {
        RegionName.isWellFormed(text.lowercased()) ? text.lowercased() : nil
    }
}
