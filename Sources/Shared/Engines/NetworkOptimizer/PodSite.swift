import Contract

/// Where the cluster's state puts a pod: the zone of its node, or the zone the caller wrote.
struct PodSite {
    private static let zoneNames = ["zone", "az", "availability_zone"]

    private let zoneByNode: [String: String]
    /// Zone names by zone ids, where nodes carry both.
    private let zoneByID: [String: String]

    init(_ cluster: ClusterState) {
        var zones: [String: String] = [:]
        var ids: [String: String] = [:]
        for node in cluster.nodes {
            guard let zone = node.zone.flatMap(Self.plain) else { continue }
            if zones[node.name] == nil { zones[node.name] = zone }
            guard let id = node.labels["topology.k8s.aws/zone-id"].flatMap(Self.plain) else { continue }
            ids[id] = ids[id].map { min($0, zone) } ?? zone
        }
        zoneByNode = zones
        zoneByID = ids
    }

    func zone(ofNode name: String) -> String? { zoneByNode[name] }

    /// A zone as written by somebody else: the name behind an id.
    func zone(named text: String) -> String { zoneByID[text] ?? text }

    func zone(of pod: Pod) -> String? {
        if let zone = pod.nodeName.flatMap({ zoneByNode[$0] }) { return zone }
        for name in Self.zoneNames {
            if let text = pod.flat[name]?.string, let zone = Self.plain(text) { return self.zone(named: zone) }
        }
        return nil
    }

    /// The text as a zone's name: printable ASCII, in lower case.
    static func plain(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= 63, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return text.lowercased()
    }
}
