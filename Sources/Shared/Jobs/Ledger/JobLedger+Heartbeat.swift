package import FoundationEssentials
package import Postgres

/// What a worker tells the fleet about itself.
package struct WorkerDescription: Sendable {
    package let id: UUID
    package let host: String
    package let processID: Int32
    package let version: String
    package let lanes: [Lane]
    package let kinds: [JobKind]
    package let slots: Int

    package init(
        id: UUID,
        host: String,
        processID: Int32,
        version: String,
        lanes: [Lane],
        kinds: [JobKind],
        slots: Int
    ) {
        self.id = id
        self.host = host
        self.processID = processID
        self.version = version
        self.lanes = lanes
        self.kinds = kinds
        self.slots = slots
    }
}

/// What an operator wants of one worker.
package enum WorkerOrders: String, Sendable {
    case none
    /// Take nothing new; what runs goes on.
    case quiet
    /// Stop as on SIGTERM.
    case stop
}

/// One beat's answer.
package struct HeartbeatReply: Sendable {
    /// The leases that still hold.
    package let held: Set<Lease>
    /// Those whose callers want them cancelled.
    package let cancelRequested: Set<Lease>
    package let orders: WorkerOrders

    package init(held: Set<Lease>, cancelRequested: Set<Lease>, orders: WorkerOrders = .none) {
        self.held = held
        self.cancelRequested = cancelRequested
        self.orders = orders
    }
}

/// Renews leases over a session of its own, synchronously: it runs on a thread that no job can block.
///
/// A namespace of statements rather than a part of ``JobLedger``, whose pool serves the cooperative threads.
package enum Heartbeat {
    /// Announces the process.
    ///
    /// Repeating it is harmless.
    package static func register(_ worker: WorkerDescription, on session: inout PostgresSession) throws(PostgresError) {
        _ = try session.query(
            """
            INSERT INTO worker (id, host, pid, version, lanes, kinds, slots, capabilities)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET last_seen = now()
            """,
            [
                .uuid(worker.id), .text(worker.host), .int(Int64(worker.processID)), .text(worker.version),
                .texts(worker.lanes.map(\.rawValue)), .texts(worker.kinds.map(\.name)), .int(Int64(worker.slots)),
                .texts(worker.kinds.flatMap(\.capabilities)),
            ]
        )
    }

    /// Renews every lease of the process in one statement.
    ///
    /// An expired lease that nobody has reaped is renewed as well: its job is still only ours. `runSeconds` is what jobs of
    /// each kind took lately, for those who size the fleet.
    package static func beat(
        _ leases: [Lease],
        owner: UUID,
        stopping: Bool,
        runSeconds: [String: RunTimes] = [:],
        on session: inout PostgresSession
    ) throws(PostgresError) -> HeartbeatReply {
        let worker = try session.query(
            """
            UPDATE worker SET last_seen = now(), running = $2, stopping = $3, run_seconds = $4::text WHERE id = $1
            RETURNING orders
            """,
            [.uuid(owner), .int(Int64(leases.count)), .bool(stopping), PostgresValue(RunTimes.json(runSeconds))]
        )
        let orders =
            try worker.first.map { row throws(PostgresError) in try row.get(0, as: String.self) }
            .flatMap(WorkerOrders.init) ?? .none
        guard !leases.isEmpty else { return HeartbeatReply(held: [], cancelRequested: [], orders: orders) }
        let rows = try session.query(
            """
            WITH locked AS MATERIALIZED (
                SELECT id, lease_epoch FROM job_live
                WHERE id = ANY ($1) AND lease_owner = $3 AND state::text = 'running'
                ORDER BY id FOR UPDATE
            ), held AS MATERIALIZED (
                SELECT l.id FROM locked l
                JOIN unnest($1::uuid[], $2::bigint[]) AS i(id, epoch) ON i.id = l.id AND i.epoch = l.lease_epoch
            )
            UPDATE job_live j SET lease_until = now() + make_interval(secs => $4)
            WHERE j.id = ANY (ARRAY(SELECT id FROM held)) AND j.lease_owner = $3 AND j.state::text = 'running'
            RETURNING j.id, j.lease_epoch, j.cancel_requested
            """,
            [
                .uuids(leases.map(\.job.uuid)), .ints(leases.map(\.epoch)), .uuid(owner),
                .double(JobLedger.leaseLength.inSeconds),
            ]
        )
        var held: Set<Lease> = []
        var cancelled: Set<Lease> = []
        for row in rows {
            let lease = Lease(job: JobID(try row.get(0, as: UUID.self)), epoch: try row.get(1))
            held.insert(lease)
            if try row.get(2, as: Bool.self) { cancelled.insert(lease) }
        }
        return HeartbeatReply(held: held, cancelRequested: cancelled, orders: orders)
    }

    /// Takes the process out of the fleet's list after a clean stop.
    package static func deregister(_ owner: UUID, on session: inout PostgresSession) throws(PostgresError) {
        _ = try session.query("DELETE FROM worker WHERE id = $1", [.uuid(owner)])
    }
}
