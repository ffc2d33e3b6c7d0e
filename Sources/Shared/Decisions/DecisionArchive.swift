import Compression
import FoundationEssentials
import Jobs
package import Postgres
import Synchronization

/// Keeps what decisions were made of, so that any of them can be made again.
///
/// Requests go into daily partitions, packed; a market is kept once, under its hash, however many decisions share it.
package final class DecisionArchive: Sendable {
    /// A flight carries this much at most, so that one large request does not hold many small ones up.
    private static let flightBytes = 16 << 20
    /// What no request comes near: `MAX_BODY_MB` ends at 1 GiB.
    static let maxRequestBytes = 1 << 30

    let pool: PostgresPool
    /// Days; 0 keeps no inputs.
    private let retentionDays: Int
    private let commit: GroupCommit<Row, Void>
    /// Markets this process knows to be stored, and the day it last said so: they need not be sent again.
    private let stored = Mutex<[[UInt8]: String]>([:])

    private struct Row: Sendable {
        let lease: Lease
        let input: [UInt8]
        let market: [UInt8]
    }

    /// - Parameters:
    ///   - pool: The ledger's database.
    ///   - retentionDays: How many days inputs are kept; 0 keeps none.
    package init(pool: PostgresPool, retentionDays: Int) {
        self.pool = pool
        self.retentionDays = retentionDays
        commit = GroupCommit(
            maxItems: 200,
            maxWeight: Self.flightBytes,
            maxWaiting: .max,
            weigh: { $0.input.count }
        ) { rows in
            try await Self.patiently {
                _ = try await pool.query(
                    """
                    INSERT INTO decision_input (day, execution_id, lease_epoch, input, market_sha256)
                    SELECT uuid_v7_day(id), id, epoch, input, market
                    FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bytea[]) AS t(id, epoch, input, market)
                    ON CONFLICT (day, execution_id, lease_epoch) DO NOTHING
                    """,
                    [
                        .uuids(rows.map(\.lease.job.uuid)), .ints(rows.map(\.lease.epoch)),
                        .bytesArray(rows.map(\.input)), .bytesArray(rows.map(\.market)),
                    ]
                )
            }
            return rows.map { _ in }
        }
    }

    /// Whether anything is kept at all.
    package var keepsInputs: Bool { retentionDays > 0 }

    /// Keeps the input; durable when the call returns.
    package func keep(_ input: DecisionInput) async throws {
        guard keepsInputs else { return }
        try await keep(input.market)
        let packed = try Zlib.pack(input.request)
        try await commit.submit(Row(lease: input.lease, input: packed, market: input.market.sha256))
    }

    private func keep(_ market: MarketSnapshot) async throws {
        let today = Date().formatted(.iso8601.year().month().day())
        if stored.withLock({ $0[market.sha256] == today }) { return }
        // Its use is noted once a day and process: retention goes by it.
        try await Self.patiently {
            _ = try await pool.query(
                """
                INSERT INTO decision_market AS m (sha256, region, body) VALUES ($1, $2, $3)
                ON CONFLICT (sha256) DO UPDATE SET last_used = excluded.last_used WHERE m.last_used < excluded.last_used
                """,
                [.bytes(market.sha256), .text(market.region), .bytes(market.body)]
            )
        }
        stored.withLock { known in
            known = known.filter { $0.value == today }
            known[market.sha256] = today
        }
    }

    /// Waits for a ledger that is away: the decision's end must be written there as well.
    private static func patiently(_ write: () async throws -> Void) async throws {
        var pause = 50
        while true {
            do {
                return try await write()
            } catch let error as PostgresError where error.isRetryable {
                try await Task.sleep(for: .milliseconds(pause))
                pause = min(2000, pause * 2)
            }
        }
    }

    /// Drops inputs that are past their time, whole days at once, and markets that nobody has used since; makes the
    /// partitions of the coming week.
    ///
    /// - Returns: The days dropped, as `YYYY-MM-DD`.
    package func sweep() async throws -> [String] {
        _ = try await pool.query("SELECT ensure_decision_input_partitions(7)")
        let rows = try await pool.query(
            """
            SELECT to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD'), c.relname
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'decision_input'::regclass AND c.relname ~ '^decision_input_[0-9]{8}$'
              AND to_date(right(c.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - $1::int
            ORDER BY 1
            """,
            [.int(Int64(retentionDays))]
        )
        var dropped: [String] = []
        for row in rows {
            let table = try row.get(1, as: String.self)
            try await pool.transaction { transaction in
                // Behind a waiting drop everybody waits: it gives up and comes again.
                _ = try await transaction.query("SET LOCAL lock_timeout = '100ms'", [])
                _ = try await transaction.query("DROP TABLE \(table)", [])
            }
            dropped.append(try row.get(0))
        }
        let limit = PostgresValue.int(Int64(retentionDays))
        _ = try await pool.query(
            "DELETE FROM decision_input_default WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int",
            [limit]
        )
        // A day more: a process may have looked just before midnight.
        _ = try await pool.query(
            "DELETE FROM decision_market WHERE last_used < (now() AT TIME ZONE 'UTC')::date - 1 - $1::int",
            [limit]
        )
        return dropped
    }
}
