/// A pool of spot capacity: what a price is the price of.
package struct SpotPool: Sendable, Hashable {
    package var instanceType: String
    package var zone: String
    /// The zone's name in every account, where EC2 told it.
    package var zoneID: String?
    package var product: String

    package init(instanceType: String, zone: String, zoneID: String? = nil, product: String) {
        self.instanceType = instanceType
        self.zone = zone
        self.zoneID = zoneID
        self.product = product
    }
}

/// One answer of DescribeSpotPriceHistory.
///
/// A thousand rows name a few hundred pools: each pool stands once, rows point to it.
package struct SpotPricePage: Sendable, Equatable {
    /// One price of one pool.
    package struct Row: Sendable, Hashable {
        /// Position in ``SpotPricePage/pools``.
        package var pool: Int
        /// Seconds since 1970: EC2 tells whole ones.
        package var at: Int64
        /// Millionths of a USD per hour; never zero.
        package var micros: Int32

        package init(pool: Int, at: Int64, micros: Int32) {
            self.pool = pool
            self.at = at
            self.micros = micros
        }
    }

    package var pools: [SpotPool] = []
    /// Newest first, as they come.
    package var rows: [Row] = []
    /// nil at the end; a page may be short, or empty, and still have one.
    package var nextToken: String?
    /// Items that were no price: zero, not a number, no time, no pool.
    package var malformed = 0

    package init() {}
}
