package import FoundationEssentials
import Postgres

/// How fresh one kind of data is, and where it comes from.
package struct PriceSourceStatus: Sendable, Equatable {
    /// `spot_advisor`, `on_demand`, `instance_types` or `spot_prices`.
    package var name: String
    /// nil for data that cover all regions.
    package var region: String?
    package var source: String
    package var etag: String?
    package var version: String?
    package var rows: Int
    package var malformed: Int
    package var isSample: Bool
    /// When the data last changed.
    package var lastUpdated: Date
    /// When the source last said that they are still the newest.
    package var confirmedAt: Date
    package var lastError: String?
    package var lastErrorAt: Date?

    package static let spotAdvisor = "spot_advisor"
    package static let onDemand = "on_demand"
    package static let instanceTypes = "instance_types"
    package static let spotPrices = "spot_prices"
}

extension PriceStore {
    /// All sources that have ever delivered, sorted by name and region.
    package func sources() async throws(PricingError) -> [PriceSourceStatus] {
        let rows = try await read("data sources", Self.sourcesSQL + " ORDER BY name, region")
        do {
            return try rows.map(Self.status)
        } catch {
            throw PricingError(.store, "not understood", in: "data sources", cause: error)
        }
    }

    /// One source's state; nil when it has never delivered.
    package func source(_ name: String, region: String? = nil) async throws(PricingError) -> PriceSourceStatus? {
        let rows = try await read(
            "data sources",
            Self.sourcesSQL + " WHERE name = $1 AND region = $2",
            [.text(name), .text(region ?? "")]
        )
        do {
            return try rows.first.map(Self.status)
        } catch {
            throw PricingError(.store, "not understood", in: "data sources", cause: error)
        }
    }

    /// Notes that the stored copy is still the newest (a 304, an unchanged version).
    package func confirm(_ name: String, region: String? = nil) async throws(PricingError) {
        _ = try await read(
            "data sources",
            """
            UPDATE data_sources SET confirmed_at = now(), last_error = NULL, last_error_at = NULL
            WHERE name = $1 AND region = $2
            """,
            [.text(name), .text(region ?? "")]
        )
    }

    /// Notes that fetching failed while the stored copy stays; does nothing for a source without a copy.
    package func noteFailure(_ name: String, region: String? = nil, _ error: PricingError) async throws(PricingError) {
        _ = try await read(
            "data sources",
            "UPDATE data_sources SET last_error = $3, last_error_at = now() WHERE name = $1 AND region = $2",
            [.text(name), .text(region ?? ""), .text(error.description)]
        )
    }

    static let sourcesSQL = """
        SELECT name, region, source, etag, version, rows, malformed, is_sample, last_updated, confirmed_at,
               last_error, last_error_at
        FROM data_sources
        """

    static func status(_ row: PostgresRow) throws(PostgresError) -> PriceSourceStatus {
        let region: String = try row.get("region")
        return PriceSourceStatus(
            name: try row.get("name"),
            region: region.isEmpty ? nil : region,
            source: try row.get("source"),
            etag: try row.get("etag"),
            version: try row.get("version"),
            rows: try row.get("rows"),
            malformed: try row.get("malformed"),
            isSample: try row.get("is_sample"),
            lastUpdated: try row.get("last_updated"),
            confirmedAt: try row.get("confirmed_at"),
            lastError: try row.get("last_error"),
            lastErrorAt: try row.get("last_error_at")
        )
    }

    /// Notes a delivery inside the transaction that stored it.
    static func noteDelivery(
        _ transaction: PostgresTransaction,
        _ name: String,
        region: String? = nil,
        source: String,
        etag: String? = nil,
        version: String? = nil,
        rows: Int,
        malformed: Int,
        isSample: Bool
    ) async throws {
        _ = try await transaction.query(
            """
            INSERT INTO data_sources AS d
                (name, region, source, etag, version, rows, malformed, is_sample, last_updated, confirmed_at)
            VALUES ($1, $2, $3, $4::text, $5::text, $6, $7, $8, now(), now())
            ON CONFLICT (name, region) DO UPDATE SET
                source = excluded.source, etag = excluded.etag, version = excluded.version, rows = excluded.rows,
                malformed = excluded.malformed, is_sample = excluded.is_sample, last_updated = now(),
                confirmed_at = now(), last_error = NULL, last_error_at = NULL
            """,
            [
                .text(name), .text(region ?? ""), .text(source), PostgresValue(etag), PostgresValue(version),
                PostgresValue(rows), PostgresValue(malformed), .bool(isSample),
            ]
        )
    }
}
