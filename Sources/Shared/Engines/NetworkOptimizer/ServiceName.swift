import Contract

/// Which service a pod belongs to.
struct ServiceName: Hashable, Comparable {
    var namespace: String
    var name: String
    var origin: NetworkMap.Service.Origin

    // One service, however its name was found.
    static func == (left: Self, right: Self) -> Bool { left.namespace == right.namespace && left.name == right.name }
    static func < (left: Self, right: Self) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(namespace)
        hasher.combine(name)
    }

    private static let flatNames = ["service", "workload", "deployment", "app", "owner"]

    /// What a pod of the cluster belongs to: what the caller says, then its owner, then the form of its name.
    static func of(_ pod: Pod, _ index: ClusterIndex) -> ServiceName {
        for key in flatNames {
            guard let text = pod.flat[key]?.string, !text.isEmpty, isPlain(text) else { continue }
            return ServiceName(namespace: pod.namespace, name: text, origin: .stated)
        }
        if let owner = index.owner(of: pod), isPlain(owner.name) {
            return ServiceName(namespace: owner.namespace, name: owner.name, origin: .stated)
        }
        return of(name: pod.name, namespace: pod.namespace)
    }

    /// What the form of a pod's name tells: `web-7d9f8c6b5-x2x4z` is one of `web`, `db-0` one of `db`.
    static func of(name: String, namespace: String) -> ServiceName {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count >= 3, isHash(parts[parts.count - 2], 6...10), isHash(parts[parts.count - 1], 5...5) {
            return .init(namespace: namespace, name: parts.dropLast(2).joined(separator: "-"), origin: .inferred)
        }
        if parts.count >= 2, let last = parts.last, (1...4).contains(last.utf8.count),
            last.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            return .init(namespace: namespace, name: parts.dropLast().joined(separator: "-"), origin: .inferred)
        }
        return .init(namespace: namespace, name: name, origin: .lone)
    }

    /// Kubernetes writes its hashes in letters and digits that cannot form words.
    private static func isHash(_ text: Substring, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { "bcdfghjklmnpqrstvwxz2456789".utf8.contains($0) }
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}
