import Contract

/// What a GB between zones costs on each of its two sides, and who says so.
struct TransferPrice: Sendable {
    /// USD per GB and side; nothing when nobody knows.
    let usd: Double?
    let source: DataSource?

    init(_ request: NetworkRequest, _ market: RegionMarket) {
        if let own = request.price, own > 0 {
            usd = own
            source = DataSource(kind: "service_prices", name: "caller", fetchedAt: nil)
        } else {
            // A price of zero is a missing price.
            usd = market.services[.crossZoneTransfer].flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
            source = usd == nil ? nil : market.services.source
        }
    }
}
