import FoundationEssentials
import Postgres

/// The rows of some pages as the table wants them: in the order of its key, each key once.
///
/// Sorted here, the rows cost PostgreSQL neither a sort nor jumps in its index.
struct SpotPriceBatch: Sendable {
    /// One price of one pool.
    struct Row: Sendable, Equatable {
        var pool: Int32
        /// Seconds since 1970.
        var at: Int64
        /// Millionths of a USD per hour.
        var micros: Int32
    }

    private(set) var rows: [Row] = []
    /// The last row of each pool.
    private(set) var latest: [Row] = []

    /// One price a moment: should EC2 ever send two, the dearer one is kept, whatever order they came in.
    init(_ pages: [SpotPricePage], _ ids: [SpotPool: Int32]) {
        var all: [Row] = []
        all.reserveCapacity(pages.reduce(0) { $0 + $1.rows.count })
        for page in pages {
            let pools = page.pools.map { ids[$0] ?? -1 }
            for row in page.rows { all.append(Row(pool: pools[row.pool], at: row.at, micros: row.micros)) }
        }
        all.sort {
            if $0.pool != $1.pool { return $0.pool < $1.pool }
            return $0.at != $1.at ? $0.at < $1.at : $0.micros < $1.micros
        }
        rows.reserveCapacity(all.count)
        for (index, row) in all.enumerated() {
            let next = index + 1 < all.count ? all[index + 1] : nil
            guard next?.pool != row.pool || next?.at != row.at else { continue }
            rows.append(row)
            if next?.pool != row.pool { latest.append(row) }
        }
    }

    /// What adding a batch has done.
    struct Outcome: Sendable {
        /// How many rows are new.
        var inserted = 0
        /// Rows were expected to be new, and some were there.
        var collided = false
    }

    /// Adds what is new to the history, and to the table of latest prices what is newer than stands there.
    ///
    /// - Parameters:
    ///   - confirmed: Until when the prices hold that no newer one has replaced.
    ///   - newSince: From when on every row is expected to be new, as nothing there has been fetched yet: such rows go into
    ///     the table without a detour, and take it only if one of them was there after all. nil expects nothing.
    ///   - seen: Newest moments by pool that an earlier batch of the same window has brought: pages come newest first, so
    ///     most batches have nothing to add.
    ///   - transaction: Where.
    /// - Returns: What was new.
    /// - Throws: What the transaction throws.
    func merge(
        confirmed: Date,
        newSince: Date?,
        newerThan seen: [Int32: Int64],
        _ transaction: PostgresTransaction
    ) async throws -> Outcome {
        var outcome = Outcome()
        guard !rows.isEmpty else { return outcome }
        var rest = rows
        if let newSince {
            let first = Int64(newSince.timeIntervalSince1970.rounded(.up))
            let fresh = rows.filter { $0.at >= first }
            if try await Self.append(fresh, transaction) {
                outcome.inserted = fresh.count
                rest = rows.filter { $0.at < first }
            } else {
                outcome.collided = true
            }
        }
        outcome.inserted += try await Self.stage(rest, transaction)
        try await keepLatest(confirmed, seen, transaction)
        return outcome
    }

    private static let columns = ["pool_id", "ts", "price_micros"]

    private static func write(_ rows: [Row], _ writer: inout PostgresCopyWriter) throws(PostgresError) {
        for row in rows {
            try writer.append(.int(Int64(row.pool)))
            try writer.append(.timestamp(Date(timeIntervalSince1970: Double(row.at))))
            try writer.append(.int(Int64(row.micros)))
        }
    }

    /// Copies rows straight into the history.
    ///
    /// - Returns: False when one of them was there already; then none is added.
    private static func append(_ rows: [Row], _ transaction: PostgresTransaction) async throws -> Bool {
        guard !rows.isEmpty else { return true }
        _ = try await transaction.query("SAVEPOINT straight")
        do {
            try await transaction.copyIn(into: "spot_price_rows", columns: columns) { try write(rows, &$0) }
        } catch let error as PostgresError where error.sqlState == uniqueViolation {
            _ = try await transaction.query("ROLLBACK TO SAVEPOINT straight")
            return false
        }
        _ = try await transaction.query("RELEASE SAVEPOINT straight")
        return true
    }

    private static let uniqueViolation = "23505"

    /// Adds those of the rows that are not there yet.
    ///
    /// - Returns: How many.
    private static func stage(_ rows: [Row], _ transaction: PostgresTransaction) async throws -> Int {
        guard !rows.isEmpty else { return 0 }
        _ = try await transaction.query(
            "CREATE TEMP TABLE incoming_spot (pool_id int, ts timestamptz, price_micros int) ON COMMIT DROP"
        )
        try await transaction.copyIn(into: "incoming_spot", columns: columns) { try write(rows, &$0) }
        let inserted = try await transaction.query(
            """
            INSERT INTO spot_price_rows (pool_id, ts, price_micros)
            SELECT pool_id, ts, price_micros FROM incoming_spot ON CONFLICT DO NOTHING
            """,
            deadline: .seconds(120)
        ).affected
        if inserted < rows.count { try await raise(transaction) }
        _ = try await transaction.query("DROP TABLE incoming_spot")
        return inserted
    }

    /// Of two prices at one moment the dearer one stays, also when they came in different batches: the table must not depend
    /// on where a crash has cut them.
    private static func raise(_ transaction: PostgresTransaction) async throws {
        _ = try await transaction.query(
            """
            UPDATE spot_price_rows r SET price_micros = i.price_micros FROM incoming_spot i
            WHERE r.pool_id = i.pool_id AND r.ts = i.ts AND r.price_micros < i.price_micros
            """,
            deadline: .seconds(120)
        )
    }

    private func keepLatest(
        _ confirmed: Date,
        _ seen: [Int32: Int64],
        _ transaction: PostgresTransaction
    ) async throws {
        let news = latest.filter { row in seen[row.pool].map { row.at >= $0 } ?? true }
        guard !news.isEmpty else { return }
        _ = try await transaction.query(
            """
            INSERT INTO spot_price_latest AS l (pool_id, ts, price_micros, confirmed_at)
            SELECT pool_id, to_timestamp(at), price_micros, least(now(), $4::timestamptz)
            FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS t(pool_id, at, price_micros)
            ON CONFLICT (pool_id) DO UPDATE SET
                ts = excluded.ts, price_micros = excluded.price_micros,
                confirmed_at = greatest(l.confirmed_at, excluded.confirmed_at)
            WHERE (excluded.ts, excluded.price_micros) >= (l.ts, l.price_micros)
            """,
            [
                .ints(news.map { Int64($0.pool) }), .ints(news.map(\.at)), .ints(news.map { Int64($0.micros) }),
                .timestamp(confirmed),
            ],
            deadline: .seconds(120)
        )
    }
}
