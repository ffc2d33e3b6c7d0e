/// What every Kubernetes object says about itself.
package struct ObjectMeta: Sendable, Hashable {
    package var name: String
    /// Empty for objects of the whole cluster, such as nodes.
    package var namespace: String
    /// Empty when the dump has none.
    package var uid: String
    package var labels: Labels
    package var annotations: Labels
    package var owners: [OwnerReference]
    package var createdAt: Timestamp?
    /// Set once deletion has been asked for: the object is terminating.
    package var deletedAt: Timestamp?

    package init(
        name: String,
        namespace: String = "",
        uid: String = "",
        labels: Labels = [:],
        annotations: Labels = [:],
        owners: [OwnerReference] = [],
        createdAt: Timestamp? = nil,
        deletedAt: Timestamp? = nil
    ) {
        self.name = name
        self.namespace = namespace
        self.uid = uid
        self.labels = labels
        self.annotations = annotations
        self.owners = owners
        self.createdAt = createdAt
        self.deletedAt = deletedAt
    }

    package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
    package var isTerminating: Bool { deletedAt != nil }

    /// The owner that manages the object, or its only owner when none is marked as the controller.
    package var controller: OwnerReference? {
        owners.first { $0.isController } ?? (owners.count == 1 ? owners.first : nil)
    }
}
