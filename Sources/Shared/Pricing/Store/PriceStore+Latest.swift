package import FoundationEssentials
import Postgres

/// The price that counts now in one pool, and how fresh that knowledge is.
package struct LatestSpotPrice: Sendable, Equatable {
    package var zone: String
    package var zoneID: String?
    package var product: String
    package var price: HourlyPrice
    /// Since when the price holds.
    package var since: Date
    /// Until when a fetch has found it to hold.
    package var confirmedAt: Date
}

extension PriceStore {
    /// The current price of every zone and product of a type, in the order of zone and product.
    ///
    /// - Throws: ``PricingError``, `store`.
    package func latestSpotPrices(
        region: String,
        instanceType: String
    ) async throws(PricingError) -> [LatestSpotPrice] {
        let rows = try await read(
            "the latest spot prices",
            """
            SELECT p.availability_zone, p.az_id, p.product_description, l.price_micros, l.ts, l.confirmed_at
            FROM pricing_pools p JOIN spot_price_latest l USING (pool_id)
            WHERE p.instance_type = $1 AND p.region = $2 ORDER BY 1, 3
            """,
            [.text(instanceType), .text(region)]
        )
        do {
            return try rows.compactMap { row in
                guard let price = HourlyPrice(micros: Int64(try row.get(3, as: Int.self))) else { return nil }
                return LatestSpotPrice(
                    zone: try row.get(0),
                    zoneID: try row.get(1),
                    product: try row.get(2),
                    price: price,
                    since: try row.get(4),
                    confirmedAt: try row.get(5)
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "the latest spot prices", cause: error)
        }
    }
}
