/// What a namespace allows one container, pod or claim.
package struct LimitRange: Sendable, Hashable {
    package struct Item: Sendable, Hashable {
        /// `Container`, `Pod` or `PersistentVolumeClaim`.
        package var type: String
        package var minimum = ResourceList()
        package var maximum = ResourceList()
        package var defaultLimit = ResourceList()
        package var defaultRequest = ResourceList()

        package init(type: String) { self.type = type }
    }

    package var meta: ObjectMeta
    package var items: [Item] = []

    package init(meta: ObjectMeta) { self.meta = meta }
}
