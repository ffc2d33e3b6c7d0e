/// What makes a pod, by name.
package struct OwnerIdentity: Sendable, Hashable {
    struct Key: Hashable, Sendable {
        var kind: String
        var object: ObjectKey
    }

    /// Pods are two steps below what people wrote, or three with an operator; more is a mistake or an attack.
    static let longestChain = 8

    /// Kinds that another workload usually stands behind.
    static let intermediateKinds: Set<String> = ["ReplicaSet", "Job", "ReplicationController"]

    package var kind: String
    package var namespace: String
    package var name: String
    /// Empty when it is not known.
    package var uid: String

    package init(kind: String, namespace: String, name: String, uid: String = "") {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.uid = uid
    }
}
