/// One end of measured traffic, as the caller wrote it.
struct TrafficEnd: Sendable, Hashable {
    /// `name`, `namespace/name` or an address.
    var name = ""
    var namespace: String?
    var zone: String?
    var service: String?
    var node: String?
}

/// One row of a traffic matrix or of a flow log.
struct TrafficRow: Sendable, Hashable {
    /// Which side of a network card saw the bytes: both ends of one connection may have recorded it.
    enum Direction: Int, Sendable {
        case unknown, egress, ingress
    }

    var first = TrafficEnd()
    var second = TrafficEnd()
    /// Micro-gigabytes a day; for rows of bytes set once the window is known.
    var weight: Int64 = 0
    var direction = Direction.unknown
    /// The second end is the one that is called.
    var isCall = false
}
