/// A kind of storage a claim can ask for.
package struct StorageClass: Sendable, Hashable {
    package enum BindingMode: String, Sendable, Hashable, CaseIterable {
        case immediate = "Immediate"
        case waitForFirstConsumer = "WaitForFirstConsumer"
    }

    package var meta: ObjectMeta
    package var provisioner = ""
    /// `Immediate` unless written.
    package var bindingMode = BindingMode.immediate
    package var reclaimPolicy = PersistentVolume.ReclaimPolicy.delete
    /// Alternatives, one of which a node must match; nothing when the class does not restrict them.
    package var allowedTopologies: [NodeSelectorTerm]?
    package var isDefault = false
    /// Such as the volume type.
    package var parameters: Labels = [:]

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
}
