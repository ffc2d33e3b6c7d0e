/// Look-ups over a cluster state, built once per decision.
///
/// Of several objects with the same name the first counts, as everywhere.
package struct ClusterIndex: Sendable {
    package let state: ClusterState
    private let workloads: [OwnerIdentity.Key: Int]
    private let workloadsByUID: [String: Int]
    private let nodes: [String: Int]
    private let claims: [ObjectKey: Int]
    private let volumes: [String: Int]
    private let namespaces: [String: Int]
    private let classes: [String: Int]
    /// Positions in `state.pods` by node name; in the order of the list.
    private let podsByNode: [String: [Int]]

    package init(_ state: ClusterState) {
        self.state = state
        workloads = Self.index(state.workloads) { .init(kind: $0.kind.rawValue, object: $0.key) }
        workloadsByUID = Self.index(state.workloads) { $0.meta.uid }
        nodes = Self.index(state.nodes) { $0.name }
        claims = Self.index(state.claims) { $0.key }
        volumes = Self.index(state.persistentVolumes) { $0.name }
        namespaces = Self.index(state.namespaces) { $0.name }
        classes = Self.index(state.storageClasses) { $0.name }
        var byNode: [String: [Int]] = [:]
        for (position, pod) in state.pods.enumerated() {
            if let node = pod.nodeName { byNode[node, default: []].append(position) }
        }
        podsByNode = byNode
    }

    private static func index<Item, Key: Hashable>(_ items: [Item], by key: (Item) -> Key) -> [Key: Int] {
        Dictionary(items.enumerated().map { (key($0.element), $0.offset) }) { first, _ in first }
    }

    // MARK: By name

    package func node(named name: String) -> Node? { nodes[name].map { state.nodes[$0] } }
    package func claim(_ key: ObjectKey) -> PersistentVolumeClaim? { claims[key].map { state.claims[$0] } }
    package func volume(named name: String) -> PersistentVolume? { volumes[name].map { state.persistentVolumes[$0] } }
    package func storageClass(named name: String) -> StorageClass? { classes[name].map { state.storageClasses[$0] } }
    package func namespaceLabels(_ name: String) -> Labels {
        // Kubernetes puts the name of every namespace into a label; a state without namespace objects still has that.
        namespaces[name].map { state.namespaces[$0].labels } ?? ["kubernetes.io/metadata.name": name]
    }

    package func workload(kind: String, _ key: ObjectKey) -> Workload? {
        workloads[.init(kind: kind, object: key)].map { state.workloads[$0] }
    }

    /// Positions in `state.pods` of those on the node, in the order of the list.
    package func podPositions(onNode name: String) -> [Int] { podsByNode[name] ?? [] }
    package func pods(onNode name: String) -> [Pod] { podPositions(onNode: name).map { state.pods[$0] } }

    package func disruptionBudgets(of pod: Pod) -> [PodDisruptionBudget] {
        state.disruptionBudgets.filter { $0.covers(pod) }
    }

    // MARK: Owners

    /// What makes the pod in the end: the Deployment behind its ReplicaSet, the CronJob behind its Job.
    ///
    /// - Returns: Nothing for a bare pod.
    package func owner(of pod: Pod) -> OwnerIdentity? {
        guard let reference = pod.meta.controller else { return nil }
        let first = OwnerIdentity(
            kind: reference.kind,
            namespace: pod.namespace,
            name: reference.name,
            uid: reference.uid
        )
        let top = climb(from: first)
        return top == first ? derived(first, pod) : top
    }

    /// The workload at the top, when the state holds it.
    package func workload(of pod: Pod) -> Workload? {
        owner(of: pod).flatMap { workload(kind: $0.kind, ObjectKey(namespace: $0.namespace, name: $0.name)) }
    }

    /// Follows controllers upwards from the kinds that others write for people; what an operator owns stays itself.
    ///
    /// A circle of owners, or a chain longer than any real one, counts as no chain at all.
    private func climb(from first: OwnerIdentity) -> OwnerIdentity {
        var current = first
        for _ in 0..<OwnerIdentity.longestChain {
            guard OwnerIdentity.intermediateKinds.contains(current.kind), let workload = self.workload(behind: current),
                let next = workload.meta.controller
            else {
                return current
            }
            current = OwnerIdentity(kind: next.kind, namespace: first.namespace, name: next.name, uid: next.uid)
        }
        return first
    }

    private func workload(behind owner: OwnerIdentity) -> Workload? {
        if !owner.uid.isEmpty, let position = workloadsByUID[owner.uid] { return state.workloads[position] }
        return workload(kind: owner.kind, ObjectKey(namespace: owner.namespace, name: owner.name))
    }

    /// Without the ReplicaSet at hand its name still tells: it is the Deployment's with the hash that the pod's label holds.
    private func derived(_ owner: OwnerIdentity, _ pod: Pod) -> OwnerIdentity {
        if owner.kind == "Job", workload(behind: owner) == nil { return scheduled(owner, pod) ?? owner }
        guard owner.kind == "ReplicaSet", workload(behind: owner) == nil, let hash = pod.labels["pod-template-hash"],
            !hash.isEmpty, owner.name.hasSuffix("-" + hash)
        else { return owner }
        let name = String(owner.name.dropLast(hash.count + 1))
        return name.isEmpty ? owner : OwnerIdentity(kind: "Deployment", namespace: owner.namespace, name: name, uid: "")
    }

    /// A CronJob names each Job after itself and the minute it was due, counted since 1970; a pod made within a day of
    /// that minute proves that the number is one.
    private func scheduled(_ owner: OwnerIdentity, _ pod: Pod) -> OwnerIdentity? {
        guard let dash = owner.name.lastIndex(of: "-"), let created = pod.meta.createdAt,
            let minutes = Int64(owner.name[owner.name.index(after: dash)...]), minutes > 0
        else { return nil }
        let age = created.milliseconds.subtractingClamped(minutes.multipliedClamped(by: 60_000))
        let name = String(owner.name[..<dash])
        guard (0...86_400_000).contains(age), !name.isEmpty else { return nil }
        return OwnerIdentity(kind: "CronJob", namespace: owner.namespace, name: name)
    }
}
