/// An object that another one belongs to.
package struct OwnerReference: Sendable, Hashable {
    package var kind: String
    package var name: String
    /// Empty when the dump has none.
    package var uid: String
    package var isController: Bool

    package init(kind: String, name: String, uid: String = "", isController: Bool = true) {
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
    }
}
