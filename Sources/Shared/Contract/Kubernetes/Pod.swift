/// A pod: what it asks for, where it may be, and what became of it.
package struct Pod: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case unknown = "Unknown"
    }

    package enum QoSClass: String, Sendable, Hashable, CaseIterable {
        case guaranteed = "Guaranteed"
        case burstable = "Burstable"
        case bestEffort = "BestEffort"
    }

    package var meta: ObjectMeta
    /// Nothing while the pod waits for a node.
    package var nodeName: String?
    package var phase: Phase = .unknown
    /// Why the phase is what it is, such as `Evicted`; empty when none is given.
    package var reason = ""
    package var message = ""
    package var priority: Int64 = 0
    package var priorityClass = ""
    package var containers: [Container] = []
    package var initContainers: [Container] = []
    package var overhead = ResourceList()
    /// Requests and limits of the pod as a whole; nothing when it has none.
    package var podRequests: ResourceList?
    package var podLimits: ResourceList?
    package var nodeSelector: Labels = [:]
    package var affinity: Affinity?
    package var topologySpread: [TopologySpread] = []
    package var tolerations: [Toleration] = []
    package var volumes: [PodVolume] = []
    package var hostNetwork = false
    /// 30 unless written.
    package var terminationGracePeriodSeconds: Int64 = 30
    package var schedulerName = "default-scheduler"
    package var restartPolicy = "Always"
    /// Init containers first, as the status lists them.
    package var statuses: [ContainerStatus] = []
    package var conditions: [Condition] = []
    /// As the status says; ``Pod/derivedQoSClass`` follows from the resources.
    package var qosClass: QoSClass?
    package var startTime: Timestamp?
    /// Empty until it has one.
    package var address = ""
    /// Measured use where the caller supplied it, never guessed.
    package var usage: ResourceUsage?
    /// The members as sent when the pod came as a flat object; empty for native ones.
    package var flat = JSONObject()

    package init(meta: ObjectMeta) { self.meta = meta }

    package var key: ObjectKey { meta.key }
    package var name: String { meta.name }
    package var namespace: String { meta.namespace }
    package var labels: Labels { meta.labels }

    /// A static pod: written on its node, shown by its mirror, and gone with the node.
    package var isMirror: Bool {
        meta.annotations["kubernetes.io/config.mirror"] != nil || meta.owners.contains { $0.kind == "Node" }
    }

    package var isDaemon: Bool { meta.controller?.kind == "DaemonSet" }
    /// Done for good: it uses nothing any more.
    package var isTerminal: Bool { phase == .succeeded || phase == .failed }
    package var isTerminating: Bool { meta.isTerminating }
    /// Nothing would make it again elsewhere.
    package var isBare: Bool { meta.controller == nil }
    package var isReady: Bool { conditions.contains { $0.type == "Ready" && $0.status == .yes } }
    /// It waits because no node suits it.
    package var isUnschedulable: Bool {
        conditions.contains { $0.type == "PodScheduled" && $0.status == .no && $0.reason == "Unschedulable" }
    }

    package func condition(_ type: String) -> Condition? { conditions.first { $0.type == type } }
    package func container(named name: String) -> Container? {
        containers.first { $0.name == name } ?? initContainers.first { $0.name == name }
    }

    package var hostPorts: [HostPort] {
        containers.flatMap(\.hostPorts) + initContainers.filter(\.isRestartableInit).flatMap(\.hostPorts)
    }

    /// The claims the pod uses, its ephemeral volumes' own ones included.
    package var claimNames: [String] {
        volumes.compactMap { volume in
            switch volume.source {
            case .claim(let claim): claim
            case .ephemeral: "\(name)-\(volume.name)"
            default: nil
            }
        }
    }
}
