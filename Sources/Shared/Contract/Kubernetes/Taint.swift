/// A mark on a node that keeps pods away which do not tolerate it.
package struct Taint: Sendable, Hashable {
    package enum Effect: String, Sendable, Hashable, CaseIterable {
        case noSchedule = "NoSchedule"
        case preferNoSchedule = "PreferNoSchedule"
        case noExecute = "NoExecute"
    }

    package var key: String
    package var value: String
    package var effect: Effect

    package init(key: String, value: String = "", effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    /// True when a pod that does not tolerate the taint cannot be placed on the node.
    package var isHard: Bool { effect != .preferNoSchedule }
}
