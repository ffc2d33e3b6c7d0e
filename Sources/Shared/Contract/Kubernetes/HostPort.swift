/// A port that a container takes on its node.
package struct HostPort: Sendable, Hashable {
    package var port: Int
    /// `TCP`, `UDP` or `SCTP`.
    package var `protocol`: String
    /// `0.0.0.0` for every address, as when nothing is written.
    package var hostIP: String

    package init(port: Int, protocol: String = "TCP", hostIP: String = "0.0.0.0") {
        self.port = port
        self.protocol = `protocol`
        self.hostIP = hostIP
    }

    /// True when both cannot be on one node: same port and protocol, and an address in common.
    package func conflicts(with other: HostPort) -> Bool {
        port == other.port && `protocol` == other.protocol
            && (hostIP == other.hostIP || hostIP == "0.0.0.0" || other.hostIP == "0.0.0.0")
    }
}
