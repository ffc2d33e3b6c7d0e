package import FoundationEssentials
import Postgres

/// What upkeep of the price tables did.
package struct PriceUpkeep: Sendable, Equatable {
    /// Months that have a partition now and had none before.
    package var made = 0
    /// Partitions that were dropped, by name.
    package var dropped: [String] = []
    /// Rows that were deleted one by one: of months without a partition, and prices that newer ones have replaced.
    package var deleted = 0

    package var isNothing: Bool { self == PriceUpkeep() }
}

extension PriceStore {
    /// Partitions are made this many months ahead, so that a scheduler that is away for weeks refuses no price.
    private static let monthsAhead = 2
    /// Rows deleted in one transaction: what replaces a dropped partition must not hold up readers.
    private static let deletedAtOnce = 10_000

    /// Makes the partitions of the coming months and drops what is older than `days`.
    ///
    /// Spot prices go by whole months. What was covered there is then no longer called covered: gap analysis must not
    /// believe in rows that are gone. An On-Demand price goes when a newer one has replaced it, never the last one.
    ///
    /// - Throws: ``PricingError``, `store`; what was done so far stays, and the next call goes on from there.
    package func keepUp(days: Int, now: Date = .now) async throws(PricingError) -> PriceUpkeep {
        var report = PriceUpkeep()
        report.made = try await makePartitions(now)
        let limit = try await monthBefore(now.addingTimeInterval(-Double(days) * 86_400))
        for name in try await partitions(before: limit) {
            try await drop(name, before: limit)
            report.dropped.append(name)
        }
        report.deleted += try await deleteStragglers(before: limit)
        report.deleted += try await deleteReplaced(before: limit)
        return report
    }

    private func makePartitions(_ now: Date) async throws(PricingError) -> Int {
        let rows = try await read(
            "partitions of spot prices",
            """
            SELECT count(*) FILTER (WHERE ensure_spot_price_partition($1::timestamptz + make_interval(months => m::int)))
            FROM generate_series(0, $2::int8) AS m
            """,
            [.timestamp(now), .int(Int64(Self.monthsAhead))]
        )
        return try Self.one(rows, "partitions of spot prices")
    }

    /// The first moment of a moment's month, UTC: what lies before it goes.
    private func monthBefore(_ moment: Date) async throws(PricingError) -> Date {
        let rows = try await read(
            "partitions of spot prices",
            "SELECT date_trunc('month', $1::timestamptz AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'",
            [.timestamp(moment)]
        )
        return try Self.one(rows, "partitions of spot prices")
    }

    private func partitions(before limit: Date) async throws(PricingError) -> [String] {
        let rows = try await read(
            "partitions of spot prices",
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'spot_price_rows'::regclass AND c.relname ~ '^spot_price_rows_[0-9]{6}$'
              AND to_date(right(c.relname, 6), 'YYYYMM') < ($1::timestamptz AT TIME ZONE 'UTC')::date
            ORDER BY 1
            """,
            [.timestamp(limit)]
        )
        do { return try rows.map { try $0.get(0) } } catch {
            throw PricingError(.store, "not understood", in: "partitions of spot prices", cause: error)
        }
    }

    private func drop(_ name: String, before limit: Date) async throws(PricingError) {
        try await inTransaction("spot prices past retention") { transaction in
            // Waiting for a long reader would make every other reader wait behind us.
            _ = try await transaction.query("SET LOCAL lock_timeout = '2s'")
            // The name has passed the pattern above: nothing in it wants quoting.
            _ = try await transaction.query("DROP TABLE IF EXISTS \(name)")
            try await Self.uncover(before: limit, transaction)
            _ = try await Self.bump(transaction)
        }
    }

    private static func uncover(before limit: Date, _ transaction: PostgresTransaction) async throws {
        let parameters: [PostgresValue] = [.timestamp(limit)]
        _ = try await transaction.query("DELETE FROM spot_price_coverage WHERE upper(covered) <= $1", parameters)
        _ = try await transaction.query(
            """
            UPDATE spot_price_coverage SET covered = covered * tstzrange($1, NULL)
            WHERE lower(covered) < $1 AND upper(covered) > $1
            """,
            parameters
        )
    }

    /// Months that never got a partition lie in the default one.
    private func deleteStragglers(before limit: Date) async throws(PricingError) -> Int {
        var deleted = 0
        while true {
            let count = try await inTransaction("spot prices past retention") { transaction in
                let count = try await transaction.query(
                    """
                    DELETE FROM spot_price_rows_default WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM spot_price_rows_default WHERE ts < $1 LIMIT $2))
                    """,
                    [.timestamp(limit), .int(Int64(Self.deletedAtOnce))]
                ).affected
                if count > 0 { try await Self.uncover(before: limit, transaction) }
                return count
            }
            deleted += count
            if count < Self.deletedAtOnce { return deleted }
        }
    }

    private func deleteReplaced(before limit: Date) async throws(PricingError) -> Int {
        try await read(
            "On-Demand prices past retention",
            """
            DELETE FROM on_demand_prices d WHERE fetched_at < $1 AND EXISTS (
                SELECT FROM on_demand_prices n
                WHERE (n.region, n.instance_type, n.operating_system) = (d.region, d.instance_type, d.operating_system)
                  AND n.is_sample = d.is_sample AND n.effective_date > d.effective_date
                  AND coalesce(n.offer_version, '') >= coalesce(d.offer_version, ''))
            """,
            [.timestamp(limit)]
        ).affected
    }

    private static func one<Value: PostgresDecodable>(
        _ rows: PostgresRows,
        _ what: String
    ) throws(PricingError) -> Value {
        do { return try rows.one().get(0) } catch {
            throw PricingError(.store, "not understood", in: what, cause: error)
        }
    }
}
