package import FoundationEssentials
import Postgres

extension PriceStore {
    /// Makes the stored Spot Advisor data equal to a feed: rows that vanished go, the catalogue learns its types.
    ///
    /// `source` is what answers name: host and path, a file's name, or `SAMPLE`. With `force`, a feed is taken although
    /// it is much smaller than the stored one; a sample never replaces real data.
    ///
    /// - Throws: ``PricingError``: `shrunk`, `sampleOverReal` or `store`; the stored rows are then unchanged.
    package func replaceSpotAdvisor(
        _ feed: SpotAdvisorFeed,
        etag: String?,
        source: String,
        isSample: Bool = false,
        force: Bool = false
    ) async throws(PricingError) -> WriteOutcome {
        let outcome = try await write("Spot Advisor data") { transaction in
            let known = try await transaction.query(
                """
                SELECT (SELECT count(*) FROM spot_advisor_data) AS rows, s.etag, s.source, s.is_sample
                FROM (VALUES (1)) AS one
                LEFT JOIN data_sources AS s ON s.name = $1 AND s.region = ''
                """,
                [.text(PriceSourceStatus.spotAdvisor)]
            ).one()
            let previous: Int = try known.get("rows")
            let wasSample: Bool? = try known.get("is_sample")
            if previous > 0, wasSample == false {
                if isSample { throw PricingError(.sampleOverReal, "a sample must not replace real data", in: source) }
                // AWS adds types and regions; a tenth less has only ever been a damaged copy.
                if !force, feed.rows.count * 10 < previous * 9 {
                    throw PricingError(
                        .shrunk,
                        "\(feed.rows.count) rows where \(previous) are stored; they stay. Force it if AWS did drop them",
                        in: source
                    )
                }
            }
            if let etag, etag == (try known.get("etag") as String?), source == (try known.get("source") as String?),
                previous == feed.rows.count
            {
                _ = try await transaction.query(
                    "UPDATE data_sources SET confirmed_at = now(), last_error = NULL, last_error_at = NULL WHERE name = $1 AND region = ''",
                    [.text(PriceSourceStatus.spotAdvisor)]
                )
                return WriteOutcome(version: try await Self.version(transaction), changed: false, rows: previous)
            }
            try await Self.storeAdvisor(feed.rows, etag: etag, transaction)
            try await Self.noteDelivery(
                transaction,
                PriceSourceStatus.spotAdvisor,
                source: source,
                etag: etag,
                rows: feed.rows.count,
                malformed: feed.report.malformed,
                isSample: isSample
            )
            _ = try await Self.storeCatalogue(feed.catalogue, source: source, isSample: isSample, transaction)
            return WriteOutcome(version: try await Self.bump(transaction), changed: true, rows: feed.rows.count)
        }
        if outcome.changed { await onChange(.spotAdvisor) }
        return outcome
    }

    private static func storeAdvisor(
        _ rows: [SpotAdvisorRow],
        etag: String?,
        _ transaction: PostgresTransaction
    ) async throws {
        _ = try await transaction.query(
            """
            CREATE TEMP TABLE incoming_spot_advisor (
                region text, operating_system text, instance_type text, rate_index smallint, interruption_rate text,
                max_percent smallint, savings_over_od smallint
            ) ON COMMIT DROP
            """
        )
        try await transaction.copyIn(
            into: "incoming_spot_advisor",
            columns: [
                "region", "operating_system", "instance_type", "rate_index", "interruption_rate", "max_percent",
                "savings_over_od",
            ]
        ) { writer in
            for row in rows {
                try writer.append(.text(row.region))
                try writer.append(.text(row.operatingSystem))
                try writer.append(.text(row.instanceType))
                try writer.append(.int(Int64(row.rateIndex)))
                try writer.append(.text(row.label))
                try writer.append(.int(Int64(row.maxPercent)))
                try writer.append(.int(Int64(row.savings)))
            }
        }
        _ = try await transaction.query("ANALYZE incoming_spot_advisor")
        _ = try await transaction.query(
            """
            DELETE FROM spot_advisor_data AS d
            WHERE NOT EXISTS (
                SELECT FROM incoming_spot_advisor AS i
                WHERE i.region = d.region AND i.operating_system = d.operating_system
                    AND i.instance_type = d.instance_type)
            """
        )
        _ = try await transaction.query(
            """
            INSERT INTO spot_advisor_data AS d
                (region, operating_system, instance_type, rate_index, interruption_rate, max_percent, savings_over_od,
                 etag, last_updated)
            SELECT region, operating_system, instance_type, rate_index, interruption_rate, max_percent,
                   savings_over_od, $1::text, now()
            FROM incoming_spot_advisor
            ON CONFLICT (region, operating_system, instance_type) DO UPDATE SET
                rate_index = excluded.rate_index, interruption_rate = excluded.interruption_rate,
                max_percent = excluded.max_percent, savings_over_od = excluded.savings_over_od,
                etag = excluded.etag, last_updated = excluded.last_updated
            """,
            [PostgresValue(etag)]
        )
        // A long-lived session may store the next feed within the same connection.
        _ = try await transaction.query("DROP TABLE incoming_spot_advisor")
    }

    /// Which Spot Advisor rows to list; nil takes all.
    package struct SpotAdvisorFilter: Sendable, Equatable {
        package var region: String?
        package var operatingSystem: String?
        package var instanceType: String?

        package init(region: String? = nil, operatingSystem: String? = nil, instanceType: String? = nil) {
            self.region = region
            self.operatingSystem = operatingSystem
            self.instanceType = instanceType
        }
    }

    /// A stored Spot Advisor row with the moment it was stored.
    package struct StoredSpotAdvisorRow: Sendable, Equatable {
        package var row: SpotAdvisorRow
        package var lastUpdated: Date
    }

    /// Lists rows in the order of region, operating system and type.
    ///
    /// `after` is the last row of the page before; nil for the first page.
    package func listSpotAdvisor(
        _ filter: SpotAdvisorFilter = SpotAdvisorFilter(),
        limit: Int = 1_000,
        after: SpotAdvisorRow? = nil
    ) async throws(PricingError) -> [StoredSpotAdvisorRow] {
        let rows = try await read(
            "Spot Advisor data",
            """
            SELECT region, operating_system, instance_type, rate_index, interruption_rate, max_percent,
                   savings_over_od, last_updated
            FROM spot_advisor_data
            WHERE ($1::text IS NULL OR region = $1) AND ($2::text IS NULL OR operating_system = $2)
                AND ($3::text IS NULL OR instance_type = $3)
                AND ($4::text IS NULL OR (region, operating_system, instance_type) > ($4, $5::text, $6::text))
            ORDER BY region, operating_system, instance_type
            LIMIT $7
            """,
            [
                PostgresValue(filter.region), PostgresValue(filter.operatingSystem), PostgresValue(filter.instanceType),
                PostgresValue(after?.region), PostgresValue(after?.operatingSystem), PostgresValue(after?.instanceType),
                PostgresValue(max(0, limit)),
            ]
        )
        do {
            return try rows.map { row in
                StoredSpotAdvisorRow(row: try Self.advisorRow(row), lastUpdated: try row.get("last_updated"))
            }
        } catch {
            throw PricingError(.store, "not understood", in: "Spot Advisor data", cause: error)
        }
    }

    static func advisorRow(_ row: PostgresRow) throws(PostgresError) -> SpotAdvisorRow {
        SpotAdvisorRow(
            region: try row.get("region"),
            operatingSystem: try row.get("operating_system"),
            instanceType: try row.get("instance_type"),
            rateIndex: try row.get("rate_index"),
            label: try row.get("interruption_rate"),
            maxPercent: try row.get("max_percent"),
            savings: try row.get("savings_over_od")
        )
    }
}
