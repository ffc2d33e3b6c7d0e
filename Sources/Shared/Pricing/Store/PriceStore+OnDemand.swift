import Postgres

extension PriceStore {
    /// Adds a document's prices and attributes; sample prices of the same regions go once real ones come.
    ///
    /// A document never takes away what a newer one brought. A `part` of a region's prices leaves the record of where the
    /// whole came from, and how old it is, as it stands; a whole that has lost a tenth of its rows against the one before it
    /// was cut on its way, and is refused unless forced.
    ///
    /// - Throws: ``PricingError``: `sampleOverReal`, `shrunk` or `store`; nothing is then changed.
    package func mergeOnDemand(
        _ list: OnDemandPriceList,
        source: String,
        isSample: Bool = false,
        isPart: Bool = false,
        force: Bool = false
    ) async throws(PricingError) -> WriteOutcome {
        let regions = list.regions
        let outcome = try await write("On-Demand prices") { transaction in
            let real: Bool = try await transaction.query(
                "SELECT EXISTS (SELECT FROM on_demand_prices WHERE NOT is_sample AND region = ANY($1)) AS real",
                [.texts(regions)]
            ).one().get("real")
            if real, isSample { throw PricingError(.sampleOverReal, "a sample must not replace real data", in: source) }
            if !isSample {
                _ = try await transaction.query(
                    "DELETE FROM on_demand_prices WHERE is_sample AND region = ANY($1)",
                    [.texts(regions)]
                )
            }
            if !isPart, !isSample, !force { try await Self.refuseShrunk(list, source, transaction) }
            let changed = try await Self.storePrices(list, source: source, isSample: isSample, transaction)
            for region in regions {
                try await Self.noteRegion(region, list, source, isSample: isSample, isPart: isPart, transaction)
            }
            let learned = try await Self.storeCatalogue(list.catalogue, source: source, isSample: isSample, transaction)
            let version = changed + learned > 0 ? try await Self.bump(transaction) : try await Self.version(transaction)
            return WriteOutcome(version: version, changed: changed + learned > 0, rows: list.prices.count)
        }
        if outcome.changed { await onChange(.onDemand) }
        return outcome
    }

    /// A file that was cut between two rows looks whole: only its size tells.
    private static func refuseShrunk(
        _ list: OnDemandPriceList,
        _ source: String,
        _ transaction: PostgresTransaction
    ) async throws {
        let counts = Dictionary(grouping: list.prices, by: \.region).mapValues(\.count)
        let rows = try await transaction.query(
            "SELECT region, rows FROM data_sources WHERE name = $1 AND region = ANY($2) AND NOT is_sample AND source = $3",
            [.text(PriceSourceStatus.onDemand), .texts(list.regions), .text(source)]
        )
        for row in rows {
            let region: String = try row.get(0)
            let previous: Int = try row.get(1)
            let count = counts[region] ?? 0
            guard count * 10 < previous * 9 else { continue }
            throw PricingError(
                .shrunk,
                "\(count) prices of \(region) where the file before had \(previous); the stored ones stay. Force it if AWS did drop them",
                in: source
            )
        }
    }

    private static func noteRegion(
        _ region: String,
        _ list: OnDemandPriceList,
        _ source: String,
        isSample: Bool,
        isPart: Bool,
        _ transaction: PostgresTransaction
    ) async throws {
        if isPart {
            let known = try await transaction.query(
                "SELECT FROM data_sources WHERE name = $1 AND region = $2",
                [.text(PriceSourceStatus.onDemand), .text(region)]
            )
            guard known.isEmpty else { return }
        }
        try await noteDelivery(
            transaction,
            PriceSourceStatus.onDemand,
            region: region,
            source: source,
            version: list.version,
            rows: list.prices.count { $0.region == region },
            malformed: list.report.malformed,
            isSample: isSample
        )
    }

    /// - Returns: How many rows are new or different.
    private static func storePrices(
        _ list: OnDemandPriceList,
        source: String,
        isSample: Bool,
        _ transaction: PostgresTransaction
    ) async throws -> Int {
        _ = try await transaction.query(
            """
            CREATE TEMP TABLE incoming_on_demand (
                region text, instance_type text, operating_system text, price_micros bigint, currency text,
                effective_date text
            ) ON COMMIT DROP
            """
        )
        let prices = list.prices
        try await transaction.copyIn(
            into: "incoming_on_demand",
            columns: ["region", "instance_type", "operating_system", "price_micros", "currency", "effective_date"]
        ) { writer in
            for price in prices {
                try writer.append(.text(price.region))
                try writer.append(.text(price.instanceType))
                try writer.append(.text(price.operatingSystem))
                try writer.append(.int(price.hourly.micros))
                try writer.append(.text(price.currency))
                try writer.append(.text(price.effectiveDate))
            }
        }
        let stored = try await transaction.query(
            """
            INSERT INTO on_demand_prices AS d
                (region, instance_type, operating_system, hourly_price, currency, effective_date, offer_version,
                 fetched_at, source, is_sample)
            SELECT region, instance_type, operating_system, price_micros / 1000000.0, currency, effective_date::date,
                   $1, now(), $2, $3
            FROM incoming_on_demand
            ON CONFLICT (region, instance_type, operating_system, effective_date) DO UPDATE SET
                hourly_price = excluded.hourly_price, currency = excluded.currency,
                offer_version = excluded.offer_version, fetched_at = excluded.fetched_at, source = excluded.source,
                is_sample = excluded.is_sample
            WHERE coalesce(d.offer_version, '') <= excluded.offer_version
                AND (d.hourly_price, d.currency, d.offer_version, d.source, d.is_sample) IS DISTINCT FROM
                    (excluded.hourly_price, excluded.currency, excluded.offer_version, excluded.source, excluded.is_sample)
            """,
            [.text(list.version), .text(source), .bool(isSample)]
        )
        _ = try await transaction.query("DROP TABLE incoming_on_demand")
        return stored.affected
    }

    /// The price that counts for each type of one region and system: real before sample, the latest publication first.
    static let currentOnDemandSQL = """
        SELECT DISTINCT ON (instance_type)
            instance_type, (hourly_price * 1000000)::int8 AS price_micros, currency::text AS currency,
            effective_date::text AS effective_date, is_sample
        FROM on_demand_prices
        WHERE region = $1 AND operating_system = $2
        ORDER BY instance_type, is_sample, offer_version DESC NULLS LAST, effective_date DESC
        """
}
