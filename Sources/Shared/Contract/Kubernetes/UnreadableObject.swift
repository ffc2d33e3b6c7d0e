/// An object that could not be read, with as much of its name as was legible.
///
/// A pod that could not be read still runs: where it runs nothing may be taken away.
package struct UnreadableObject: Sendable, Hashable {
    /// `Pod`, `Node` and so on; empty when not even that is known.
    package var kind: String
    package var namespace: String
    package var name: String
    /// The node of a pod, when it was legible.
    package var nodeName: String?
    /// Where a node lies, when that was legible.
    package var zone: String?
    package var region: String?

    package init(kind: String, namespace: String, name: String, nodeName: String? = nil) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.nodeName = nodeName
    }
}
