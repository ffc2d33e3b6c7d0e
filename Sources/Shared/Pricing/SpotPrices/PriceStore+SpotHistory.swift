package import FoundationEssentials
import Postgres

/// Which stored spot prices to list.
package struct SpotPriceFilter: Sendable, Equatable {
    package var region: String
    package var instanceType: String
    package var zone: String?
    package var product: String?
    package var from: Date?
    package var until: Date?

    package init(region: String, instanceType: String) {
        self.region = region
        self.instanceType = instanceType
    }
}

/// A stored price with the pool it is of.
package struct StoredSpotPrice: Sendable, Equatable {
    /// The store's own number of the pool: with the moment it is a row's key.
    package var poolID: Int64
    package var zone: String
    package var product: String
    package var at: Date
    package var price: HourlyPrice
}

/// The prices of one pool within one bucket of time.
package struct SpotPriceBucket: Sendable, Equatable {
    package var zone: String
    package var product: String
    /// When the bucket begins.
    package var at: Date
    package var lowest: HourlyPrice
    package var highest: HourlyPrice
    /// The last price that was set within the bucket.
    package var last: HourlyPrice
    /// How many prices were set within the bucket.
    package var count: Int
}

extension PriceStore {
    /// Lists prices, newest first; at one moment by pool.
    ///
    /// - Parameters:
    ///   - filter: Which.
    ///   - limit: At most this many.
    ///   - after: The last row of the page before.
    /// - Returns: A page.
    /// - Throws: ``PricingError``, `store`.
    package func spotPrices(
        _ filter: SpotPriceFilter,
        limit: Int,
        after: (at: Date, poolID: Int64)? = nil
    ) async throws(PricingError) -> [StoredSpotPrice] {
        let rows = try await read(
            "spot prices",
            """
            SELECT p.pool_id, p.availability_zone, p.product_description, r.ts, r.price_micros
            FROM pricing_pools p CROSS JOIN LATERAL (
                SELECT ts, price_micros FROM spot_price_rows r
                WHERE r.pool_id = p.pool_id AND ($5::timestamptz IS NULL OR ts >= $5)
                  AND ($6::timestamptz IS NULL OR ts < $6)
                  AND ($7::timestamptz IS NULL OR ts < $7 OR (ts = $7 AND p.pool_id > $8))
                ORDER BY ts DESC LIMIT $9
            ) r
            WHERE p.instance_type = $1 AND p.region = $2 AND ($3::text IS NULL OR p.availability_zone = $3)
              AND ($4::text IS NULL OR p.product_description = $4)
            ORDER BY r.ts DESC, p.pool_id LIMIT $9
            """,
            Self.parameters(filter) + [
                PostgresValue(after?.at), PostgresValue(after?.poolID), PostgresValue(max(0, limit)),
            ]
        )
        do {
            return try rows.compactMap { row in
                guard let price = HourlyPrice(micros: Int64(try row.get(4, as: Int.self))) else { return nil }
                return StoredSpotPrice(
                    poolID: Int64(try row.get(0, as: Int.self)),
                    zone: try row.get(1),
                    product: try row.get(2),
                    at: try row.get(3),
                    price: price
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "spot prices", cause: error)
        }
    }

    /// The prices of each pool by bucket of time: what a chart of a few hundred points across can show, with nothing hidden
    /// between them, as each bucket keeps its lowest and highest price.
    ///
    /// - Parameters:
    ///   - filter: Which; both ends of the time must be named.
    ///   - buckets: How many to cut the time into.
    /// - Returns: Buckets in the order of zone, product and time; those without a price are left out.
    /// - Throws: ``PricingError``, `store`.
    package func spotPriceBuckets(
        _ filter: SpotPriceFilter,
        buckets: Int
    ) async throws(PricingError) -> [SpotPriceBucket] {
        let rows = try await read(
            "spot prices",
            """
            WITH width AS (SELECT ($6::timestamptz - $5::timestamptz) / $7::float8 AS w)
            SELECT p.availability_zone, p.product_description, b.at, b.lowest, b.highest, b.last, b.n
            FROM pricing_pools p CROSS JOIN LATERAL (
                SELECT date_bin((SELECT w FROM width), ts, $5) AS at, min(price_micros) AS lowest,
                       max(price_micros) AS highest, (array_agg(price_micros ORDER BY ts DESC))[1] AS last, count(*) AS n
                FROM spot_price_rows r WHERE r.pool_id = p.pool_id AND ts >= $5 AND ts < $6 GROUP BY 1
            ) b
            WHERE p.instance_type = $1 AND p.region = $2 AND ($3::text IS NULL OR p.availability_zone = $3)
              AND ($4::text IS NULL OR p.product_description = $4)
            ORDER BY 1, 2, 3
            """,
            Self.parameters(filter) + [.double(Double(max(1, buckets)))]
        )
        do {
            return try rows.compactMap { row in
                guard let lowest = HourlyPrice(micros: Int64(try row.get(3, as: Int.self))),
                    let highest = HourlyPrice(micros: Int64(try row.get(4, as: Int.self))),
                    let last = HourlyPrice(micros: Int64(try row.get(5, as: Int.self)))
                else { return nil }
                return SpotPriceBucket(
                    zone: try row.get(0),
                    product: try row.get(1),
                    at: try row.get(2),
                    lowest: lowest,
                    highest: highest,
                    last: last,
                    count: try row.get(6)
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "spot prices", cause: error)
        }
    }

    private static func parameters(_ filter: SpotPriceFilter) -> [PostgresValue] {
        [
            .text(filter.instanceType), .text(filter.region), PostgresValue(filter.zone),
            PostgresValue(filter.product), PostgresValue(filter.from), PostgresValue(filter.until),
        ]
    }
}
