/// A set of zones as bits; no region has more than a handful.
package struct ZoneSet: Sendable, Hashable {
    /// More distinct zones than this are a sign that something else was sent in their place.
    package static let most = 64

    package private(set) var bits: UInt64

    package init(bits: UInt64 = 0) { self.bits = bits }
    package init(_ zone: Int) { bits = 1 << UInt64(zone) }

    /// Every zone below that number.
    package static func all(_ count: Int) -> ZoneSet {
        ZoneSet(bits: count >= most ? .max : (1 << UInt64(max(0, count))) - 1)
    }

    package func contains(_ zone: Int) -> Bool { bits >> UInt64(zone) & 1 == 1 }
    package func isDisjoint(with other: ZoneSet) -> Bool { bits & other.bits == 0 }
    package var count: Int { bits.nonzeroBitCount }
    package mutating func insert(_ zone: Int) { bits |= 1 << UInt64(zone) }
    package mutating func remove(_ zone: Int) { bits &= ~(1 << UInt64(zone)) }
    package func intersection(_ other: ZoneSet) -> ZoneSet { ZoneSet(bits: bits & other.bits) }
}
