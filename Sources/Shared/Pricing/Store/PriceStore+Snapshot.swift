package import FoundationEssentials
import Postgres

extension PriceStore {
    /// Volatility is judged over a week.
    package static let volatilityWindow: TimeInterval = 7 * 86_400

    /// Reads everything about one region and operating system as one consistent picture.
    ///
    /// The operating system is `Linux`, `Windows`, `RHEL` or `SUSE`, of which the Spot Advisor knows the first two.
    /// The window of spot prices ends at `now`. An unknown region gives a snapshot without rows.
    package func snapshot(
        region: String,
        operatingSystem: String = "Linux",
        now: Date = .now
    ) async throws(PricingError) -> PriceSnapshot {
        try await inTransaction("prices of \(region)") { transaction in
            // One picture: no reader sees a feed half replaced.
            _ = try await transaction.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let version = try await Self.version(transaction)
            let advisor = try await transaction.query(
                """
                SELECT region, operating_system, instance_type, rate_index, interruption_rate, max_percent, savings_over_od
                FROM spot_advisor_data WHERE region = $1 AND operating_system = $2 ORDER BY instance_type
                """,
                [.text(region), .text(operatingSystem)]
            )
            let prices = try await transaction.query(Self.currentOnDemandSQL, [.text(region), .text(operatingSystem)])
            let catalogue = try Self.catalogue(from: try await transaction.query(Self.catalogueSQL))
            let sources = try await transaction.query(
                Self.sourcesSQL + " WHERE region IN ('', $1) ORDER BY name, region",
                [.text(region)]
            )
            let pools = try await Self.pools(region, operatingSystem, now: now, transaction)
            return PriceSnapshot(
                id: version,
                region: region,
                operatingSystem: operatingSystem,
                takenAt: now,
                advisor: try advisor.map(Self.advisorRow),
                onDemand: try Self.prices(prices, region, operatingSystem),
                spotPools: pools,
                catalogue: Dictionary(uniqueKeysWithValues: catalogue.specs.map { ($0.name, $0) }),
                sources: try sources.map(Self.status)
            )
        }
    }

    /// A region with what is known about it.
    package struct KnownRegion: Sendable, Equatable {
        package var name: String
        package var advisorRows: Int
        package var onDemandPrices: Int
    }

    /// Every region that has any data, sorted by name.
    package func regions() async throws(PricingError) -> [KnownRegion] {
        let rows = try await read(
            "regions",
            """
            SELECT region, sum(advisor)::int8 AS advisor, sum(prices)::int8 AS prices
            FROM (
                SELECT region, count(*) AS advisor, 0 AS prices FROM spot_advisor_data GROUP BY region
                UNION ALL
                SELECT region, 0, count(DISTINCT (instance_type, operating_system)) FROM on_demand_prices GROUP BY region
            ) AS known
            GROUP BY region ORDER BY region
            """
        )
        do {
            return try rows.map { row in
                KnownRegion(
                    name: try row.get("region"),
                    advisorRows: try row.get("advisor"),
                    onDemandPrices: try row.get("prices")
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "regions", cause: error)
        }
    }

    /// What EC2 calls an operating system in its spot prices; the second form is that of old accounts.
    package static func productDescriptions(of operatingSystem: String) -> [String] {
        let name =
            switch operatingSystem {
            case "Linux": "Linux/UNIX"
            case "RHEL": "Red Hat Enterprise Linux"
            case "SUSE": "SUSE Linux"
            default: operatingSystem
            }
        return [name, "\(name) (Amazon VPC)"]
    }

    private static func prices(
        _ rows: PostgresRows,
        _ region: String,
        _ system: String
    ) throws -> [String: OnDemandPrice] {
        var prices: [String: OnDemandPrice] = [:]
        for row in rows {
            let type: String = try row.get("instance_type")
            guard let hourly = HourlyPrice(micros: try row.get("price_micros")) else { continue }
            prices[type] = OnDemandPrice(
                region: region,
                instanceType: type,
                operatingSystem: system,
                hourly: hourly,
                currency: try row.get("currency"),
                effectiveDate: try row.get("effective_date")
            )
        }
        return prices
    }

    private static func pools(
        _ region: String,
        _ system: String,
        now: Date,
        _ transaction: PostgresTransaction
    ) async throws -> [PriceSnapshot.SpotPool] {
        let parameters: [PostgresValue] = [.text(region), .texts(productDescriptions(of: system))]
        let latest = try await transaction.query(
            """
            SELECT p.pool_id, p.instance_type, p.availability_zone, p.az_id, l.ts, l.price_micros, l.confirmed_at
            FROM pricing_pools AS p LEFT JOIN spot_price_latest AS l USING (pool_id)
            WHERE p.region = $1 AND p.product_description = ANY($2)
            ORDER BY p.instance_type, p.availability_zone, p.pool_id
            """,
            parameters
        )
        guard !latest.isEmpty else { return [] }
        // The first branch carries in the price that held when the window began.
        let rows = try await transaction.query(
            """
            SELECT p.pool_id, c.ts, c.price_micros
            FROM pricing_pools AS p CROSS JOIN LATERAL (
                (SELECT r.ts, r.price_micros FROM spot_price_rows AS r
                 WHERE r.pool_id = p.pool_id AND r.ts <= $3 ORDER BY r.ts DESC LIMIT 1)
                UNION ALL
                (SELECT r.ts, r.price_micros FROM spot_price_rows AS r
                 WHERE r.pool_id = p.pool_id AND r.ts > $3 AND r.ts <= $4)
            ) AS c
            WHERE p.region = $1 AND p.product_description = ANY($2)
            ORDER BY p.pool_id, c.ts
            """,
            parameters + [.timestamp(now.addingTimeInterval(-volatilityWindow)), .timestamp(now)]
        )
        var changes: [Int: [PriceSnapshot.Change]] = [:]
        for row in rows {
            guard let price = HourlyPrice(micros: Int64(try row.get("price_micros") as Int)) else { continue }
            changes[try row.get("pool_id"), default: []].append(.init(at: try row.get("ts"), price: price))
        }
        return try latest.map { row in
            let pool: Int = try row.get("pool_id")
            let price = (try row.get("price_micros") as Int?).flatMap { HourlyPrice(micros: Int64($0)) }
            let since: Date? = try row.get("ts")
            return PriceSnapshot.SpotPool(
                instanceType: try row.get("instance_type"),
                availabilityZone: try row.get("availability_zone"),
                zoneID: try row.get("az_id"),
                latest: price.flatMap { price in since.map { PriceSnapshot.Change(at: $0, price: price) } },
                confirmedAt: try row.get("confirmed_at"),
                changes: changes[pool] ?? []
            )
        }
    }
}
