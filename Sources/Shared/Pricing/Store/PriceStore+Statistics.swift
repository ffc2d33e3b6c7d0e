package import FoundationEssentials
import Postgres

/// How much is stored.
package struct PriceStatistics: Sendable, Equatable {
    /// Counted by the planner's statistics where counting would take seconds.
    package var spotPrices: Int
    package var onDemandPrices: Int
    package var spotAdvisorRows: Int
    package var lastUpdated: Date?
    package var instanceTypes: Int
    package var regions: Int
    package var oldestSpotPrice: Date?
    package var newestSpotPrice: Date?
}

extension PriceStore {
    /// Counts what is stored.
    package func statistics() async throws(PricingError) -> PriceStatistics {
        // Partitions of millions of rows are counted by their last ANALYZE; small ones, and those never analysed, in full.
        let rows = try await read(
            "price statistics",
            """
            SELECT coalesce((
                       SELECT sum(CASE WHEN c.reltuples >= 1000000 THEN c.reltuples END)::int8
                       FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                       WHERE i.inhparent = 'spot_price_rows'::regclass), 0)
                   + (SELECT count(*) FROM spot_price_rows r WHERE r.tableoid IN (
                          SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                          WHERE i.inhparent = 'spot_price_rows'::regclass AND c.reltuples < 1000000)),
                   (SELECT count(*) FROM on_demand_prices), (SELECT count(*) FROM spot_advisor_data),
                   (SELECT max(last_updated) FROM data_sources),
                   (SELECT count(*) FROM (SELECT instance_type FROM spot_advisor_data
                        UNION SELECT instance_type FROM on_demand_prices
                        UNION SELECT instance_type FROM pricing_pools) t),
                   (SELECT count(*) FROM (SELECT region FROM spot_advisor_data
                        UNION SELECT region FROM on_demand_prices UNION SELECT region FROM pricing_pools) r),
                   (SELECT min(lower(covered)) FROM spot_price_coverage), (SELECT max(ts) FROM spot_price_latest)
            """
        )
        do {
            let row = try rows.one()
            return PriceStatistics(
                spotPrices: try row.get(0),
                onDemandPrices: try row.get(1),
                spotAdvisorRows: try row.get(2),
                lastUpdated: try row.get(3),
                instanceTypes: try row.get(4),
                regions: try row.get(5),
                oldestSpotPrice: try row.get(6),
                newestSpotPrice: try row.get(7)
            )
        } catch {
            throw PricingError(.store, "not understood", in: "price statistics", cause: error)
        }
    }

    /// A stored On-Demand price, as it holds now.
    package struct StoredOnDemandPrice: Sendable, Equatable {
        package var region: String
        package var instanceType: String
        package var operatingSystem: String
        package var price: HourlyPrice
        package var currency: String
        package var effectiveDate: String?
    }

    /// Lists current On-Demand prices in the order of region, type and operating system.
    ///
    /// - Parameters:
    ///   - region: nil lists every region.
    ///   - instanceType: nil lists every type.
    ///   - limit: At most this many.
    ///   - after: The last row of the page before.
    /// - Returns: A page.
    /// - Throws: ``PricingError``, `store`.
    package func onDemandPrices(
        region: String?,
        instanceType: String?,
        limit: Int,
        after: (region: String, instanceType: String, operatingSystem: String)? = nil
    ) async throws(PricingError) -> [StoredOnDemandPrice] {
        let rows = try await read(
            "on-demand prices",
            """
            SELECT DISTINCT ON (region, instance_type, operating_system)
                region, instance_type, operating_system, (hourly_price * 1000000)::int8, currency::text, effective_date::text
            FROM on_demand_prices
            WHERE ($1::text IS NULL OR region = $1) AND ($2::text IS NULL OR instance_type = $2)
              AND ($3::text IS NULL OR (region, instance_type, operating_system) > ($3, $4::text, $5::text))
            ORDER BY region, instance_type, operating_system, is_sample, offer_version DESC NULLS LAST,
                     effective_date DESC LIMIT $6
            """,
            [
                PostgresValue(region), PostgresValue(instanceType), PostgresValue(after?.region),
                PostgresValue(after?.instanceType), PostgresValue(after?.operatingSystem), PostgresValue(limit),
            ]
        )
        do {
            return try rows.compactMap { row in
                guard let price = HourlyPrice(micros: try row.get(3)) else { return nil }
                return StoredOnDemandPrice(
                    region: try row.get(0),
                    instanceType: try row.get(1),
                    operatingSystem: try row.get(2),
                    price: price,
                    currency: try row.get(4),
                    effectiveDate: try row.get(5)
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "on-demand prices", cause: error)
        }
    }
}
