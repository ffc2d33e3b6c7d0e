/// A namespace.
package struct NamespaceObject: Sendable, Hashable {
    package var meta: ObjectMeta

    package init(meta: ObjectMeta) { self.meta = meta }

    package var name: String { meta.name }
    package var labels: Labels { meta.labels }
}
