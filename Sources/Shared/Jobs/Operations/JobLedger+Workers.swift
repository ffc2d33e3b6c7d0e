package import FoundationEssentials
import Postgres

/// A process that executes jobs, as the ledger knows it.
package struct WorkerRecord: Sendable {
    package let id: UUID
    package let host: String
    package let processID: Int32
    package let version: String
    package let lanes: [Lane]
    package let kinds: [String]
    package let slots: Int
    package let running: Int
    package let startedAt: Date
    package let lastSeen: Date
    /// Seen within one lease.
    package let isAlive: Bool
    package let isStopping: Bool
    package let orders: WorkerOrders
}

extension JobLedger {
    /// All workers seen within the last hour, those alive first.
    package func workers() async throws -> [WorkerRecord] {
        try await query(
            """
            SELECT id, host, pid::bigint, version, lanes, kinds, slots::bigint, running::bigint, started_at, last_seen,
                   last_seen > now() - make_interval(secs => $1) AS alive, stopping, orders
            FROM worker ORDER BY alive DESC, host, pid, id
            """,
            [.double(Self.leaseLength.inSeconds)]
        ).map { row in
            WorkerRecord(
                id: try row.get(0),
                host: try row.get(1),
                processID: Int32(truncatingIfNeeded: try row.get(2, as: Int64.self)),
                version: try row.get(3),
                lanes: try row.get(4, as: [String].self).compactMap(Lane.init),
                kinds: try row.get(5),
                slots: Int(try row.get(6, as: Int64.self)),
                running: Int(try row.get(7, as: Int64.self)),
                startedAt: try row.get(8),
                lastSeen: try row.get(9),
                isAlive: try row.get(10),
                isStopping: try row.get(11),
                orders: WorkerOrders(rawValue: try row.get(12)) ?? .none
            )
        }
    }

    /// Orders workers to be quiet, to stop, or to go on; they read it with their next heartbeat, within a second.
    ///
    /// - Returns: Those that were told.
    package func order(_ orders: WorkerOrders, workers: [UUID]) async throws -> Set<UUID> {
        let rows = try await query(
            "UPDATE worker SET orders = $2 WHERE id = ANY ($1) RETURNING id",
            [.uuids(workers), .text(orders.rawValue)]
        )
        return Set(try rows.map { try $0.get(0) })
    }
}
