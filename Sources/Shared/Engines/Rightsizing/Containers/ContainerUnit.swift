package import Contract

/// One container of one workload, over all its pods: what is sized together.
package struct ContainerUnit: Sendable, Hashable {
    package struct Key: Sendable, Hashable, Comparable {
        package var namespace: String
        package var ownerKind: String
        package var ownerName: String
        package var container: String

        package init(namespace: String, ownerKind: String, ownerName: String, container: String) {
            self.namespace = namespace
            self.ownerKind = ownerKind
            self.ownerName = ownerName
            self.container = container
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.namespace, left.ownerKind, left.ownerName, left.container)
                < (right.namespace, right.ownerKind, right.ownerName, right.container)
        }

        /// `namespace/Kind/name/container`.
        package var text: String { "\(namespace)/\(ownerKind)/\(ownerName)/\(container)" }
        package var owner: OwnerIdentity { OwnerIdentity(kind: ownerKind, namespace: namespace, name: ownerName) }
    }

    package var key: Key
    package var isInit = false
    /// Nothing when the state holds no pod and no template of it.
    package var container: Container?
    /// Pods that run now.
    package var replicas: Int64 = 0
    package var containersInPod = 1
    package var isGuaranteed = false
    /// Limits in force when it was killed for memory, and when.
    package var memoryKills: [(at: Timestamp?, limit: Int64?)] = []
    /// What was measured, pod by pod, in the order of their names.
    package var usage: [ContainerUsage] = []

    package init(key: Key) { self.key = key }

    package static func == (left: Self, right: Self) -> Bool { left.key == right.key && left.usage == right.usage }
    package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
