package import FoundationEssentials
import Postgres

/// What storing a window brought.
package struct IngestReport: Sendable, Equatable {
    package var pages = 0
    /// Prices that EC2 sent.
    package var received = 0
    /// Of these, prices that were not known before.
    package var inserted = 0
    package var malformed = 0

    package init() {}
}

/// Stores the pages of one window: in batches as they come, and the coverage of the window with the last of them.
///
/// Rows are keyed by pool and moment, so a crash costs nothing but the pages since the last batch: they come again, and
/// change nothing. A window that breaks off leaves rows but no coverage.
package actor SpotPriceIngest {
    /// Pages of one transaction: enough rows for COPY to be worth it, few enough to be lost lightly.
    private static let batchPages = 20

    private let store: PriceStore
    private let window: SpotPriceWindow
    private let source: String
    private let jobID: UUID?
    private var pending: [SpotPricePage] = []
    private var poolIDs: [SpotPool: Int64] = [:]
    private var report = IngestReport()

    /// - Parameters:
    ///   - store: Where rows go.
    ///   - window: What is being fetched.
    ///   - source: What answers name as their source.
    ///   - jobID: On whose behalf, for the record of coverage.
    package init(into store: PriceStore, _ window: SpotPriceWindow, source: String, jobID: UUID? = nil) {
        self.store = store
        self.window = window
        self.source = source
        self.jobID = jobID
    }

    /// Takes a page; every now and then the pages so far are stored.
    package func add(_ page: SpotPricePage) async throws(PricingError) {
        pending.append(page)
        report.pages += 1
        report.received += page.rows.count
        report.malformed += page.malformed
        if pending.count >= Self.batchPages { try await flush(isLast: false) }
    }

    /// Stores what is left, together with the coverage of the window.
    ///
    /// Only to be called when EC2 has sent the last page.
    package func finish() async throws(PricingError) -> IngestReport {
        try await flush(isLast: true)
        return report
    }

    /// How much there is so far.
    package var progress: IngestReport { report }

    private func flush(isLast: Bool) async throws(PricingError) {
        let pages = pending
        let (window, source, jobID, known) = (window, source, jobID, poolIDs)
        let before = report
        let outcome = try await store.inTransaction("spot prices of \(window.region)") { transaction in
            let pools = try await Self.resolve(pages, known, window.region, transaction)
            let inserted = try await Self.merge(pages, pools, window, transaction)
            if isLast {
                try await PriceStore.cover(window, jobID: jobID, transaction)
                try await PriceStore.noteDelivery(
                    transaction,
                    PriceSourceStatus.spotPrices,
                    region: window.region,
                    source: source,
                    rows: before.received,
                    malformed: before.malformed,
                    isSample: false
                )
                if before.inserted + inserted > 0 { _ = try await PriceStore.bump(transaction) }
            }
            return (pools, inserted)
        }
        // Only what has been committed is remembered: a pool's id that was rolled back is given to another.
        (poolIDs, pending) = (outcome.0, [])
        report.inserted += outcome.1
    }

    /// The ids of all pools of the pages; new ones are made.
    private static func resolve(
        _ pages: [SpotPricePage],
        _ known: [SpotPool: Int64],
        _ region: String,
        _ transaction: PostgresTransaction
    ) async throws -> [SpotPool: Int64] {
        var ids = known
        let missing = Set(pages.flatMap(\.pools)).subtracting(known.keys).sorted {
            // Two fetches that make the same pools must take them in the same order.
            ($0.instanceType, $0.zone, $0.product) < ($1.instanceType, $1.zone, $1.product)
        }
        guard !missing.isEmpty else { return ids }
        let parameters: [PostgresValue] = [
            .texts(missing.map(\.instanceType)), .texts(missing.map(\.zone)), .texts(missing.map(\.product)),
            .texts(missing.map(\.zoneID)), .text(region),
        ]
        _ = try await transaction.query(
            """
            INSERT INTO pricing_pools AS p (region, availability_zone, az_id, instance_type, product_description)
            SELECT DISTINCT ON (type, zone, product) $5, zone, az_id, type, product
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS t(type, zone, product, az_id)
            ORDER BY type, zone, product, az_id
            ON CONFLICT (instance_type, availability_zone, product_description) DO UPDATE SET az_id = excluded.az_id
            WHERE excluded.az_id IS NOT NULL AND p.az_id IS DISTINCT FROM excluded.az_id
            """,
            parameters
        )
        let rows = try await transaction.query(
            """
            SELECT t.n, p.pool_id
            FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t(type, zone, product, n)
            JOIN pricing_pools p ON p.instance_type = t.type AND p.availability_zone = t.zone
                AND p.product_description = t.product
            """,
            Array(parameters.prefix(3))
        )
        for row in rows { ids[missing[Int(try row.get(0, as: Int64.self)) - 1]] = try row.get(1, as: Int64.self) }
        return ids
    }

    /// - Returns: How many rows are new.
    private static func merge(
        _ pages: [SpotPricePage],
        _ ids: [SpotPool: Int64],
        _ window: SpotPriceWindow,
        _ transaction: PostgresTransaction
    ) async throws -> Int {
        guard pages.contains(where: { !$0.rows.isEmpty }) else { return 0 }
        _ = try await transaction.query(
            "CREATE TEMP TABLE incoming_spot (pool_id int, ts timestamptz, price_micros int) ON COMMIT DROP"
        )
        try await transaction.copyIn(into: "incoming_spot", columns: ["pool_id", "ts", "price_micros"]) { writer in
            for page in pages {
                let pools = page.pools.map { ids[$0] ?? -1 }
                for row in page.rows {
                    try writer.append(.int(pools[row.pool]))
                    try writer.append(.timestamp(Date(timeIntervalSince1970: Double(row.at))))
                    try writer.append(.int(Int64(row.micros)))
                }
            }
        }
        // One price a moment: should EC2 ever send two, the dearer one is kept, whatever order they came in.
        let inserted = try await transaction.query(
            """
            INSERT INTO spot_price_rows (pool_id, ts, price_micros)
            SELECT DISTINCT ON (pool_id, ts) pool_id, ts, price_micros FROM incoming_spot
            ORDER BY pool_id, ts, price_micros DESC
            ON CONFLICT DO NOTHING
            """,
            deadline: .seconds(120)
        ).affected
        _ = try await transaction.query(
            """
            INSERT INTO spot_price_latest AS l (pool_id, ts, price_micros, confirmed_at)
            SELECT DISTINCT ON (pool_id) pool_id, ts, price_micros, least(now(), $1::timestamptz) FROM incoming_spot
            ORDER BY pool_id, ts DESC, price_micros DESC
            ON CONFLICT (pool_id) DO UPDATE SET
                ts = excluded.ts, price_micros = excluded.price_micros,
                confirmed_at = greatest(l.confirmed_at, excluded.confirmed_at)
            WHERE excluded.ts >= l.ts
            """,
            [.timestamp(window.until)],
            deadline: .seconds(120)
        )
        _ = try await transaction.query("DROP TABLE incoming_spot")
        return inserted
    }
}
