/// A condition of a pod or of a node, such as `Ready`.
package struct Condition: Sendable, Hashable {
    package enum Status: String, Sendable, Hashable, CaseIterable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"
    }

    package var type: String
    package var status: Status
    /// Empty when none is given.
    package var reason: String
    package var lastTransition: Timestamp?

    package init(type: String, status: Status, reason: String = "", lastTransition: Timestamp? = nil) {
        self.type = type
        self.status = status
        self.reason = reason
        self.lastTransition = lastTransition
    }
}
