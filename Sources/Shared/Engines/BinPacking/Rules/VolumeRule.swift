import Contract

/// What a pod's volumes ask of its node.
///
/// Kubernetes: pkg/scheduler/framework/plugins/volumebinding (node affinity of bound volumes, allowed topologies of the
/// class of claims that wait for their first consumer), volumezone (zone labels of older volumes), volumerestrictions
/// (a ReadWriteOnce disk follows one node) and nodevolumelimits (disks per node).
struct VolumeRule: Sendable {
    /// What was found out for one pod.
    struct Finding: Sendable {
        /// Each list holds alternatives; all lists must be satisfied.
        var requirements: [[NodeSelectorTerm]] = []
        /// EBS volumes to attach.
        var disks: Int64 = 0
        /// The pod cannot be moved.
        var pin: NodeBlock?
        /// The pod cannot be placed at all.
        var isStuck = false
    }

    private let index: ClusterIndex
    private let users: [ObjectKey: Int]
    private static let zoneLabel = "topology.kubernetes.io/zone"
    private static let driver = "ebs.csi.aws.com"

    init(_ index: ClusterIndex, pods: [Pod]) {
        self.index = index
        var users: [ObjectKey: Int] = [:]
        for pod in pods where !pod.volumes.isEmpty {
            for claim in Set(pod.claimNames) {
                users[ObjectKey(namespace: pod.namespace, name: claim), default: 0] += 1
            }
        }
        self.users = users
    }

    func finding(_ pod: Pod) -> Finding {
        var finding = Finding()
        let name = pod.key.description
        for volume in pod.volumes {
            if case .disk(let id) = volume.source {
                finding.disks += 1
                finding.pin = finding.pin ?? NodeBlock("volume_unknown", pod: name, detail: id)
            }
        }
        for claim in Set(pod.claimNames).sorted() {
            read(ObjectKey(namespace: pod.namespace, name: claim), name, &finding)
        }
        return finding
    }

    private func read(_ key: ObjectKey, _ pod: String, _ finding: inout Finding) {
        guard let claim = index.claim(key) else {
            finding.disks += 1
            finding.pin = finding.pin ?? NodeBlock("volume_unknown", pod: pod, detail: key.description)
            return
        }
        guard claim.isBound, let volumeName = claim.volumeName else { return readWaiting(claim, &finding) }
        guard let volume = index.volume(named: volumeName) else {
            finding.disks += 1
            finding.pin = finding.pin ?? NodeBlock("volume_unknown", pod: pod, detail: volumeName)
            return
        }
        if let terms = volume.nodeAffinity {
            finding.requirements.append(terms)
        } else if let zone = volume.zone {
            finding.requirements.append([Self.inZone(zone)])
        }
        if volume.ebsVolumeID != nil || volume.csiDriver == Self.driver { finding.disks += 1 }
        let modes = volume.accessModes.isEmpty ? claim.accessModes : volume.accessModes
        let isShareable = modes.contains("ReadWriteMany") || modes.contains("ReadOnlyMany")
        if !isShareable, users[key, default: 0] > 1 {
            // All users must be where the disk is: moving one would need moving all at once.
            finding.pin = finding.pin ?? NodeBlock("shared_volume", pod: pod, detail: key.description)
        }
    }

    private func readWaiting(_ claim: PersistentVolumeClaim, _ finding: inout Finding) {
        let named = claim.storageClass.flatMap { index.storageClass(named: $0) }
        let storage = named ?? (claim.storageClass == nil ? index.state.storageClasses.first { $0.isDefault } : nil)
        guard let storage else {
            // Without its class nothing is known about where the volume may come up.
            finding.disks += 1
            return
        }
        if storage.bindingMode == .immediate { finding.isStuck = true }
        if let topologies = storage.allowedTopologies { finding.requirements.append(topologies) }
        if storage.provisioner.isEmpty || storage.provisioner == Self.driver
            || storage.provisioner == "kubernetes.io/aws-ebs"
        {
            finding.disks += 1
        }
    }

    private static func inZone(_ zone: String) -> NodeSelectorTerm {
        NodeSelectorTerm(matchExpressions: [.init(key: zoneLabel, operator: .in, values: [zone])])
    }

    // MARK: Limits

    /// How many EBS volumes a node takes, and whether that is assumed.
    ///
    /// From the node's CSI driver, else from its allocatable, else Kubernetes' defaults for EBS
    /// (pkg/volume/util/attach_limit.go): 25 on Nitro (generation 5 and later, t3 and later, z1d), 39 on older types.
    static func limit(_ node: Node) -> (count: Int64, isAssumed: Bool) {
        if let count = node.attachLimits[driver] { return (max(0, count), false) }
        if let count = node.allocatable?.extended["attachable-volumes-aws-ebs"] { return (max(0, count), false) }
        let parts = node.instanceType.flatMap { InstanceTypeName($0) }
        let isOld = parts.map { $0.generation < 5 && !$0.family.hasPrefix("t3") && !$0.family.hasPrefix("t4") } ?? false
        return (isOld && parts?.family != "z1d" ? 39 : 25, true)
    }

    static func limit(ofType type: String) -> Int64 {
        var node = Node(meta: ObjectMeta(name: type))
        node.instanceType = type
        return limit(node).count
    }
}
