import Contract

/// Joins measurements with the workloads of the cluster.
struct ContainerUnits {
    private(set) var units: [ContainerUnit] = []
    /// Measured containers that belong to nothing in the state.
    private(set) var strangers: [ContainerRef] = []

    private let index: ClusterIndex
    private var found: [ContainerUnit.Key: ContainerUnit] = [:]
    private var podsByKey: [ObjectKey: Pod] = [:]
    private var podsByName: [String: [Pod]] = [:]
    /// Owners by the name their pods' names begin with.
    private var owners: [ObjectKey: [OwnerIdentity]] = [:]

    init(_ index: ClusterIndex, _ table: UsageTable) {
        self.index = index
        for pod in index.state.pods where podsByKey[pod.key] == nil {
            podsByKey[pod.key] = pod
            podsByName[pod.name, default: []].append(pod)
        }
        for pod in podsByKey.values.sorted(by: { $0.key < $1.key }) { addContainers(of: pod) }
        attach(table)
        units = found.values.sorted { $0.key < $1.key }
    }

    private mutating func addContainers(of pod: Pod) {
        let owner = Self.owner(of: pod, index)
        let base = ObjectKey(namespace: owner.namespace, name: owner.name)
        if owners[base]?.contains(owner) != true { owners[base, default: []].append(owner) }
        let workload = index.workload(of: pod)
        for (container, isInit) in pod.containers.map({ ($0, false) })
            + pod.initContainers.filter(\.isRestartableInit).map({ ($0, true) })
        {
            let key = ContainerUnit.Key(
                namespace: pod.namespace,
                ownerKind: owner.kind,
                ownerName: owner.name,
                container: container.name
            )
            var unit = found[key] ?? ContainerUnit(key: key)
            unit.isInit = isInit
            unit.containersInPod = max(1, pod.containers.count)
            if !pod.isTerminal { unit.replicas = unit.replicas.addingClamped(1) }
            let template = (isInit ? workload?.initContainers : workload?.containers)?
                .first { $0.name == container.name }
            // Pods of an older template come and go: the template is what a patch changes.
            unit.container = template ?? Self.larger(unit.container, container)
            unit.isGuaranteed = pod.derivedQoSClass == .guaranteed
            unit.memoryKills += Self.kills(pod, container)
            found[key] = unit
        }
    }

    /// Without a template, of two pods' containers the one that asks for more: nothing is then lowered by mistake.
    private static func larger(_ known: Container?, _ other: Container) -> Container {
        guard let known else { return other }
        func size(_ container: Container) -> (Int64, Int64, Int64, Int64) {
            (
                container.requests.memory ?? container.limits.memory ?? 0,
                container.requests.cpu ?? container.limits.cpu ?? 0, container.limits.memory ?? 0,
                container.limits.cpu ?? 0
            )
        }
        return size(other) > size(known) ? other : known
    }

    private static func kills(_ pod: Pod, _ container: Container) -> [(at: Timestamp?, limit: Int64?)] {
        pod.statuses.filter { $0.name == container.name }.flatMap { status in
            [status.lastState, status.state].compactMap { $0 }.filter(\.isOOMKilled)
                .map { ($0.finishedAt, container.limits.memory) }
        }
    }

    /// The owner, or the pod itself when nothing owns it.
    static func owner(of pod: Pod, _ index: ClusterIndex) -> OwnerIdentity {
        var owner =
            index.owner(of: pod) ?? OwnerIdentity(kind: "Pod", namespace: pod.namespace, name: pod.name, uid: "")
        owner.uid = ""
        return owner
    }

    // MARK: Measurements

    private mutating func attach(_ table: UsageTable) {
        for (ref, usage) in table.containers.sorted(by: { $0.key < $1.key }) {
            guard let key = key(of: ref) else {
                strangers.append(ref)
                continue
            }
            found[key, default: ContainerUnit(key: key)].usage.append(usage)
        }
    }

    private func key(of ref: ContainerRef) -> ContainerUnit.Key? {
        if let pod = pod(of: ref) {
            let owner = Self.owner(of: pod, index)
            // A series of a whole pod is its container's when there is only one.
            let name = ref.container.isEmpty && pod.containers.count == 1 ? pod.containers[0].name : ref.container
            guard pod.container(named: name) != nil else { return nil }
            return .init(namespace: pod.namespace, ownerKind: owner.kind, ownerName: owner.name, container: name)
        }
        return keyOfFormerPod(ref)
    }

    private func pod(of ref: ContainerRef) -> Pod? {
        if !ref.namespace.isEmpty { return podsByKey[ObjectKey(namespace: ref.namespace, name: ref.pod)] }
        let candidates = podsByName[ref.pod] ?? []
        return candidates.count == 1 ? candidates[0] : nil
    }

    /// Pods of last week are gone, but their names tell whose they were: `web-7d9f8b6c5-x2x4z`, `db-0`, `agent-k8s2p`.
    private func keyOfFormerPod(_ ref: ContainerRef) -> ContainerUnit.Key? {
        guard !ref.namespace.isEmpty, !ref.container.isEmpty else { return nil }
        let words = ref.pod.split(separator: "-", omittingEmptySubsequences: false)
        for (dropped, kinds) in [
            (2, ["Deployment", "Rollout", "CronJob"]), (1, ["StatefulSet", "DaemonSet", "ReplicaSet", "Job"]),
        ]
        where words.count > dropped {
            let name = words.dropLast(dropped).joined(separator: "-")
            let known = owners[ObjectKey(namespace: ref.namespace, name: name)] ?? []
            for owner in known.sorted(by: { $0.kind < $1.kind }) where kinds.contains(owner.kind) {
                let key = ContainerUnit.Key(
                    namespace: ref.namespace,
                    ownerKind: owner.kind,
                    ownerName: owner.name,
                    container: ref.container
                )
                if found[key] != nil { return key }
            }
        }
        return nil
    }
}
