package import FoundationEssentials
import Postgres

/// A stretch of time of some spot prices: one that has been fetched, or one that nobody has.
package struct PriceStretch: Sendable, Hashable {
    package var region: String
    /// Empty: of all types.
    package var instanceType: String
    /// Empty: of all products.
    package var product: String
    package var from: Date
    package var until: Date

    package init(region: String, instanceType: String = "", product: String = "", from: Date, until: Date) {
        self.region = region
        self.instanceType = instanceType
        self.product = product
        self.from = from
        self.until = until
    }
}

extension PriceStore {
    /// Notes that a window has been fetched whole.
    ///
    /// What was known to be covered and touches it becomes one stretch with it, so the table stays small. Nothing later
    /// than now is covered, whatever was asked for, nor than `asked`: the moment when the fetch began.
    static func cover(
        _ window: SpotPriceWindow,
        asked: Date,
        jobID: UUID?,
        _ transaction: PostgresTransaction
    ) async throws {
        // Two windows of a region that end at once would else merge into two overlapping stretches.
        _ = try await transaction.query(
            "SELECT pg_advisory_xact_lock(hashtext('spot_price_coverage'), hashtext($1))",
            [.text(window.region)]
        )
        _ = try await transaction.query(
            """
            WITH wanted AS MATERIALIZED (
                SELECT type, product, tstzrange($4, least($5, now())) AS span
                FROM unnest($2::text[]) AS type CROSS JOIN unnest($3::text[]) AS product WHERE $4 < least($5, now())
            ), old AS (
                DELETE FROM spot_price_coverage c USING wanted w
                WHERE c.region = $1 AND c.instance_type = w.type AND c.product_description = w.product
                  AND (c.covered && w.span OR c.covered -|- w.span)
                RETURNING c.instance_type, c.product_description, c.covered
            ), merged AS (
                SELECT type, product, unnest(range_agg(span)) AS span FROM (
                    SELECT type, product, span FROM wanted
                    UNION ALL SELECT instance_type, product_description, covered FROM old) all_of_it
                GROUP BY 1, 2
            )
            INSERT INTO spot_price_coverage (region, instance_type, product_description, covered, job_id)
            SELECT $1, type, product, span, $6::uuid FROM merged
            """,
            [
                .text(window.region), .texts(window.instanceTypes.isEmpty ? [""] : window.instanceTypes),
                .texts(window.products.isEmpty ? [""] : window.products), .timestamp(window.from),
                .timestamp(min(window.until, asked)), PostgresValue(jobID),
            ]
        )
    }

    /// Whether anything of a window's region and time has been fetched before, of whatever types and products.
    static func isCovered(_ window: SpotPriceWindow, _ transaction: PostgresTransaction) async throws -> Bool {
        try await transaction.query(
            """
            SELECT EXISTS (SELECT FROM spot_price_coverage
                WHERE region = $1 AND covered && tstzrange($2, greatest($2, $3))
                  AND (instance_type = '' OR cardinality($4::text[]) = 0 OR instance_type = ANY($4))
                  AND (product_description = '' OR cardinality($5::text[]) = 0 OR product_description = ANY($5)))
            """,
            [
                .text(window.region), .timestamp(window.from), .timestamp(window.until), .texts(window.instanceTypes),
                .texts(window.products),
            ]
        ).one().get(0)
    }

    /// What has not been fetched of the wanted stretch, for every combination of region, type and product.
    ///
    /// A price holds until the next row: silence inside a fetched stretch is no gap.
    ///
    /// - Parameters:
    ///   - regions: Names.
    ///   - instanceTypes: Names; empty asks for all types at once.
    ///   - products: Names; empty asks for all products at once.
    ///   - wanted: From when until when.
    /// - Returns: Gaps in the order of region, type, product and time.
    /// - Throws: ``PricingError``, `store`.
    package func gaps(
        regions: [String],
        instanceTypes: [String] = [],
        products: [String] = [],
        wanted: Range<Date>
    ) async throws(PricingError) -> [PriceStretch] {
        let rows = try await read(
            "the coverage of spot prices",
            """
            SELECT w.region, w.type, w.product, lower(gap), upper(gap)
            FROM (SELECT DISTINCT region, type, product FROM unnest($1::text[]) AS region
                  CROSS JOIN unnest($2::text[]) AS type CROSS JOIN unnest($3::text[]) AS product) AS w
            CROSS JOIN LATERAL (
                SELECT unnest(tstzmultirange(tstzrange($4, $5)) - coalesce(range_agg(c.covered), '{}')) AS gap
                FROM spot_price_coverage c
                WHERE c.region = w.region AND c.instance_type IN ('', w.type)
                  AND c.product_description IN ('', w.product) AND c.covered && tstzrange($4, $5)
            ) AS g
            ORDER BY 1, 2, 3, 4
            """,
            [
                .texts(regions), .texts(instanceTypes.isEmpty ? [""] : instanceTypes),
                .texts(products.isEmpty ? [""] : products), .timestamp(wanted.lowerBound),
                .timestamp(wanted.upperBound),
            ]
        )
        return try Self.stretches(rows)
    }

    /// Every stretch that has been fetched, in the order of region, type, product and time.
    package func coverage(region: String? = nil) async throws(PricingError) -> [PriceStretch] {
        let rows = try await read(
            "the coverage of spot prices",
            """
            SELECT region, instance_type, product_description, lower(covered), upper(covered)
            FROM spot_price_coverage WHERE $1::text IS NULL OR region = $1 ORDER BY 1, 2, 3, covered
            """,
            [PostgresValue(region)]
        )
        return try Self.stretches(rows)
    }

    private static func stretches(_ rows: PostgresRows) throws(PricingError) -> [PriceStretch] {
        do {
            return try rows.map { row in
                PriceStretch(
                    region: try row.get(0),
                    instanceType: try row.get(1),
                    product: try row.get(2),
                    from: try row.get(3),
                    until: try row.get(4)
                )
            }
        } catch {
            throw PricingError(.store, "not understood", in: "the coverage of spot prices", cause: error)
        }
    }
}
