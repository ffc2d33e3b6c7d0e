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
    /// When the fetch began: later prices may be missing from its pages.
    private let asked: Date
    /// The newest price of each pool that this window has brought to the table of latest prices.
    private var newest: [Int32: Int64] = [:]
    /// Whether nothing of the window has been fetched before; nil until it is known.
    private var isFresh: Bool?
    private var pending: [SpotPricePage] = []
    private var poolIDs: [SpotPool: Int32] = [:]
    private var report = IngestReport()

    /// - Parameters:
    ///   - store: Where rows go.
    ///   - window: What is being fetched.
    ///   - source: What answers name as their source.
    ///   - jobID: On whose behalf, for the record of coverage.
    ///   - asked: When the fetch begins.
    package init(
        into store: PriceStore,
        _ window: SpotPriceWindow,
        source: String,
        jobID: UUID? = nil,
        asked: Date = .now
    ) {
        self.store = store
        self.window = window
        self.source = source
        self.jobID = jobID
        self.asked = asked
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
        let (window, source, jobID, asked, known, seen) = (window, source, jobID, asked, poolIDs, newest)
        let before = report
        let isFresh = isFresh
        let done = try await store.inTransaction("spot prices of \(window.region)") { transaction in
            var isNew = isFresh ?? false
            if isFresh == nil { isNew = try await !PriceStore.isCovered(window, transaction) }
            let pools = try await Self.resolve(pages, known, window.region, transaction)
            let batch = SpotPriceBatch(pages, pools)
            let outcome = try await batch.merge(
                confirmed: min(window.until, asked),
                newSince: isNew ? window.from : nil,
                newerThan: seen,
                transaction
            )
            if isLast {
                try await PriceStore.cover(window, asked: asked, jobID: jobID, transaction)
                try await PriceStore.noteDelivery(
                    transaction,
                    PriceSourceStatus.spotPrices,
                    region: window.region,
                    source: source,
                    rows: before.received,
                    malformed: before.malformed,
                    isSample: false
                )
                if before.inserted + outcome.inserted > 0 { _ = try await PriceStore.bump(transaction) }
            }
            return Flushed(pools: pools, latest: batch.latest, outcome: outcome, isFresh: isNew && !outcome.collided)
        }
        // Only what has been committed is remembered: a pool's id that was rolled back is given to another.
        (poolIDs, pending, self.isFresh) = (done.pools, [], done.isFresh)
        report.inserted += done.outcome.inserted
        if !done.latest.isEmpty { await store.onChange(.spotPrices(region: window.region)) }
        for row in done.latest where row.at >= newest[row.pool] ?? .min { newest[row.pool] = row.at }
    }

    /// What a transaction leaves behind.
    private struct Flushed: Sendable {
        let pools: [SpotPool: Int32]
        let latest: [SpotPriceBatch.Row]
        let outcome: SpotPriceBatch.Outcome
        let isFresh: Bool
    }

    /// The ids of all pools of the pages; new ones are made.
    private static func resolve(
        _ pages: [SpotPricePage],
        _ known: [SpotPool: Int32],
        _ region: String,
        _ transaction: PostgresTransaction
    ) async throws -> [SpotPool: Int32] {
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
        for row in rows {
            ids[missing[Int(try row.get(0, as: Int64.self)) - 1]] = Int32(try row.get(1, as: Int64.self))
        }
        return ids
    }
}
