/// A node of a cluster.
package struct Node: Sendable, Hashable {
    package enum CapacityType: String, Sendable, Hashable, CaseIterable {
        case onDemand = "on-demand"
        case spot = "spot"
        case unknown = "unknown"
    }

    package enum Readiness: String, Sendable, Hashable, CaseIterable {
        case ready, notReady
        /// The state carries no conditions at all, and no taint says otherwise.
        case assumed
    }

    package struct Address: Sendable, Hashable {
        /// `InternalIP`, `ExternalIP`, `Hostname`, `InternalDNS`, `ExternalDNS`.
        package var type: String
        package var address: String

        package init(type: String, address: String) {
            self.type = type
            self.address = address
        }
    }

    package var meta: ObjectMeta
    package var providerID = ""
    /// `i-0123…` out of the provider id, or as supplied; nothing for other kinds of nodes.
    package var instanceID: String?
    /// Cordoned.
    package var unschedulable = false
    package var taints: [Taint] = []
    package var capacity = ResourceAmounts.zero
    /// Nothing when the state does not say; then an estimate must be made and flagged.
    package var allocatable: ResourceAmounts?
    package var conditions: [Condition] = []
    package var readiness = Readiness.assumed
    package var instanceType: String?
    package var region: String?
    package var zone: String?
    /// In the names of Kubernetes: `amd64`, `arm64`.
    package var architecture: String?
    package var operatingSystem: String?
    package var capacityType = CapacityType.unknown
    package var addresses: [Address] = []
    package var kubeletVersion = ""
    /// One pod's own machine on AWS Fargate: no instance of ours.
    package var isFargate = false
    /// A machine outside AWS, joined by EKS Hybrid Nodes.
    package var isHybrid = false
    /// How many volumes of a CSI driver can be attached, by driver; from CSINode objects.
    package var attachLimits: NameTable<Int64> = [:]
    /// Measured use where the caller supplied it, never guessed.
    package var usage: ResourceUsage?
    /// The members as sent when the node came as a flat object; empty for native ones.
    package var flat = JSONObject()

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
    package var labels: Labels { meta.labels }
    package var isTerminating: Bool { meta.isTerminating }
    package var isReady: Bool { readiness != .notReady }
    package func condition(_ type: String) -> Condition? { conditions.first { $0.type == type } }

    package var isControlPlane: Bool {
        labels["node-role.kubernetes.io/control-plane"] != nil || labels["node-role.kubernetes.io/master"] != nil
    }

    /// What pods can use, when the state says it; the capacity otherwise.
    package var usable: ResourceAmounts { allocatable ?? capacity }
}
