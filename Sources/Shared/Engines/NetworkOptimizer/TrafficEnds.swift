import Contract

/// The ends of all rows, each once, matched with the pods of the cluster.
struct TrafficEnds {
    struct End {
        /// Position in the cluster's pods; nothing when it is not among them.
        var pod: Int?
        var namespace: String
        var name: String
        /// As rows say it; of several the first by name.
        var zone: String?
        var service: String?
        var disagrees = false

        var key: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
    }

    /// Why a row cannot be used.
    enum Fault: String {
        case sameEnd = "same_pod"
        case ambiguous = "ambiguous_pod"
    }

    private(set) var ends: [End] = []
    private var numbers: [String: Int] = [:]
    private let cluster: ClusterState
    private let site: PodSite
    private let byKey: [ObjectKey: Int]
    private let byName: [String: [Int]]
    private let byAddress: [String: Int]

    init(_ cluster: ClusterState, _ site: PodSite) {
        self.cluster = cluster
        self.site = site
        byKey = Dictionary(cluster.pods.enumerated().map { ($0.element.key, $0.offset) }) { first, _ in first }
        byName = Dictionary(grouping: cluster.pods.indices) { cluster.pods[$0].name }
        // Pods on the host's network share their node's address, and finished ones had theirs once.
        let own = cluster.pods.enumerated().filter {
            !$0.element.address.isEmpty && !$0.element.hostNetwork && !$0.element.isTerminal
        }
        var byAddress: [String: Int] = [:]
        var shared: Set<String> = []
        for (position, pod) in own where byAddress.updateValue(position, forKey: pod.address) != nil {
            shared.insert(pod.address)
        }
        for address in shared { byAddress[address] = nil }
        self.byAddress = byAddress
    }

    /// The namespace as the caller knows it: small pods may have none.
    static func namespace(of pod: Pod) -> String {
        let isUnsaid = !pod.flat.isEmpty && pod.flat["namespace"] == nil && pod.flat["ns"] == nil
        return isUnsaid ? "" : pod.namespace
    }

    /// The numbers of a row's two ends.
    mutating func numbers(of row: TrafficRow) -> Result<(Int, Int), Unusable> {
        guard let first = number(of: row.first), let second = number(of: row.second) else {
            return .failure(Unusable(fault: .ambiguous))
        }
        return first == second ? .failure(Unusable(fault: .sameEnd)) : .success((first, second))
    }

    struct Unusable: Error { var fault: Fault }

    private mutating func number(of end: TrafficEnd) -> Int? {
        // The same end is written the same way in row after row.
        let written = "\(end.namespace ?? "")\u{0}\(end.name)"
        if let number = numbers[written] {
            note(end, number)
            return number
        }
        guard let found = match(end) else { return nil }
        let number = numbers[found.key] ?? ends.count
        if number == ends.count { ends.append(found) }
        numbers[found.key] = number
        numbers[written] = number
        note(end, number)
        return number
    }

    private func match(_ end: TrafficEnd) -> End? {
        var namespace = end.namespace ?? ""
        var name = end.name
        if end.namespace == nil, let slash = name.firstIndex(of: "/"), slash != name.startIndex {
            namespace = String(name[..<slash])
            name = String(name[name.index(after: slash)...])
        }
        var pod: Int?
        if namespace.isEmpty {
            let homonyms = byName[name] ?? []
            guard homonyms.count <= 1 else { return nil }
            pod = homonyms.first ?? byAddress[name]
        } else {
            pod = byKey[ObjectKey(namespace: namespace, name: name)]
        }
        guard let pod else { return End(pod: nil, namespace: namespace, name: name) }
        return End(pod: pod, namespace: Self.namespace(of: cluster.pods[pod]), name: cluster.pods[pod].name)
    }

    /// Takes up what a row says about an end.
    private mutating func note(_ end: TrafficEnd, _ number: Int) {
        let zone = end.zone.map(site.zone(named:)) ?? end.node.flatMap(site.zone(ofNode:))
        if let zone {
            if let known = ends[number].zone, known != zone { ends[number].disagrees = true }
            ends[number].zone = min(ends[number].zone ?? zone, zone)
        }
        if let service = end.service { ends[number].service = min(ends[number].service ?? service, service) }
    }
}
