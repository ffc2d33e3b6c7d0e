/// The name of an object within its namespace: what identifies a pod to people.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var namespace: String
    package var name: String

    package init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    package static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
    }

    /// `namespace/name`, or the name alone for objects of the whole cluster.
    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}
