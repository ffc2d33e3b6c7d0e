package import FoundationEssentials
import Postgres

/// A job that is to be rung: what goes into the stream.
package struct Ring: Sendable, Equatable {
    package let id: JobID
    package let lane: Lane
    /// The kind and version of the payload, as workers name what they can run: `name:version`.
    package let capability: String

    package init(id: JobID, lane: Lane, capability: String) {
        self.id = id
        self.lane = lane
        self.capability = capability
    }
}

extension JobLedger {
    /// A deadline this near is looked at before fairness, in a quarter of the places: enough for the notices of
    /// interruptions (two minutes), too little to push the other tenants aside.
    private static let urgentWithin: Duration = .seconds(120)

    /// Marks the next unrung jobs of a lane as rung, and returns them for the doorbell: those with a near deadline first,
    /// then in fair order.
    ///
    /// The mark is committed before the ring: a crash in between costs the slow path's half minute, never a job.
    package func takeUnrung(lane: Lane, limit: Int) async throws -> [Ring] {
        let rows = try await query(
            """
            WITH urgent AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE lane = $1::text::job_lane AND state = 'queued' AND NOT held AND deadline IS NOT NULL
                  AND deadline > now() AND deadline < now() + make_interval(secs => $3) AND dispatched_at IS NULL
                ORDER BY deadline LIMIT greatest(1, $2 / 4)
            ), fair AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE lane = $1::text::job_lane AND state = 'queued' AND NOT held AND dispatched_at IS NULL
                  AND vtime >= \(Self.floor(ofLane: "$1::text::job_lane"))
                ORDER BY vtime, id LIMIT $2
            ), chosen AS MATERIALIZED (
                SELECT id FROM urgent UNION SELECT id FROM (
                    SELECT id FROM fair LIMIT greatest(0, $2 - (SELECT count(*) FROM urgent))) rest
            ), next AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE id = ANY (ARRAY(SELECT id FROM chosen)) AND state::text = 'queued' AND NOT held
                  AND dispatched_at IS NULL
                ORDER BY id FOR UPDATE SKIP LOCKED
            ), rung AS (
                UPDATE job_live j SET dispatched_at = now(), dispatch_generation = (SELECT generation FROM doorbell)
                WHERE j.id = ANY (ARRAY(SELECT id FROM next)) AND j.state::text = 'queued'
                RETURNING j.id, j.kind || ':' || j.payload_version AS capability, j.vtime, j.deadline
            )
            SELECT r.id, r.capability FROM rung r LEFT JOIN urgent u USING (id)
            ORDER BY u.id IS NULL, CASE WHEN u.id IS NOT NULL THEN r.deadline END, r.vtime, r.id
            """,
            [.text(lane.rawValue), .int(Int64(limit)), .double(Self.urgentWithin.inSeconds)]
        )
        return try rows.map { row in
            Ring(id: JobID(try row.get(0, as: UUID.self)), lane: lane, capability: try row.get(1))
        }
    }

    /// Puts rung jobs off that the reader cannot run: another worker, of a newer build perhaps, gets its turn in a while.
    ///
    /// The longer a job has waited for somebody who knows it, the rarer it is tried, up to every fifteen seconds.
    package func putOff(_ ids: [JobID]) async throws {
        guard !ids.isEmpty else { return }
        _ = try await query(
            """
            WITH wanted AS MATERIALIZED (
                SELECT id FROM job_live WHERE id = ANY ($1) AND state::text = 'queued' ORDER BY id FOR UPDATE
            )
            UPDATE job_live j
            SET state = 'scheduled', dispatched_at = NULL, run_at = now() + make_interval(
                secs => least(15, 1 + extract(epoch FROM now() - j.accepted_at)::float8 / 4) * (0.5 + random()))
            WHERE j.id = ANY (ARRAY(SELECT id FROM wanted)) AND j.state::text = 'queued'
            """,
            [.uuids(ids.map(\.uuid))]
        )
    }

    /// Makes due jobs ready: retries whose pause is over, and jobs scheduled for now.
    ///
    /// They take their places in the fair order only now: a million jobs due in the same second stand behind each other,
    /// not before whoever comes next. A batch is small, since its rows and their places are matched one by one with the
    /// other: that grows with the square.
    package func promoteDue(limit: Int = 200) async throws -> Int {
        let rows = try await query(
            """
            WITH due AS MATERIALIZED (
                SELECT id, lane, tenant, cluster, cost, run_at FROM job_live
                WHERE state IN ('scheduled', 'retrying') AND run_at <= now() AND run_at >= \(Self.floor(of: .due))
                ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED
            ), fresh AS MATERIALIZED (
                SELECT id, lane, tenant, cluster, cost, row_number() OVER (ORDER BY run_at, id) AS n FROM due
            ), \(Self.fairTagCTEs)
            UPDATE job_live j
            SET state = 'queued', held = false, dispatched_at = NULL, vtime = t.vtime
            FROM tagged t
            WHERE j.id = ANY (ARRAY(SELECT id FROM due)) AND j.id = t.id
              AND j.state::text IN ('scheduled', 'retrying')
            RETURNING 1
            """,
            [.int(Int64(limit))]
        )
        return rows.count
    }

    /// How far down a lane a lost ring is looked for: what stands behind comes up in time, and a backlog of millions must
    /// not be read every second.
    private static let staleScan = 20_000

    /// Unmarks jobs that were rung longer ago than `age` and are still not claimed: their ring is lost.
    ///
    /// `age` is longer than anything still unread in the lane's stream has waited.
    package func unmarkStale(lane: Lane, olderThan age: Duration, limit: Int = 1000) async throws -> Int {
        let rows = try await query(
            """
            WITH stale AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE id = ANY (ARRAY(
                    SELECT id FROM (
                        SELECT id, dispatched_at FROM job_live
                        WHERE lane = $1::text::job_lane AND state = 'queued' AND NOT held
                          AND vtime >= \(Self.floor(ofLane: "$1::text::job_lane"))
                        ORDER BY vtime, id LIMIT \(Self.staleScan)
                    ) head WHERE dispatched_at < now() - make_interval(secs => $2) LIMIT $3))
                  AND state::text = 'queued' AND dispatched_at < now() - make_interval(secs => $2)
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE job_live j SET dispatched_at = NULL
            WHERE j.id = ANY (ARRAY(SELECT id FROM stale)) AND j.state::text = 'queued'
            RETURNING 1
            """,
            [.text(lane.rawValue), .double(age.inSeconds), .int(Int64(limit))]
        )
        return rows.count
    }

    /// The doorbell's generation and the token that the Redis of that generation carries.
    package func doorbell() async throws -> (generation: Int64, token: UUID) {
        let rows = try await query("SELECT generation, token FROM doorbell", [])
        guard let row = rows.first else {
            throw JobError(.unavailable, "the table doorbell is empty; restore its row or migrate again")
        }
        return (try row.get(0), try row.get(1))
    }

    /// Who has started a generation has this long to unmark and set its token before another keeper starts anew.
    private static let generationPause: Duration = .seconds(3)

    /// Starts a new generation after Redis lost its data, and unmarks what older ones had rung.
    ///
    /// `generation` is the one found lost. The token for Redis to carry from now on comes back, or nil, with nothing
    /// changed, when another process was faster, or is at it: its token is set only when all has been unmarked.
    package func startGeneration(after generation: Int64) async throws -> UUID? {
        let rows = try await query(
            """
            UPDATE doorbell SET generation = generation + 1, token = gen_random_uuid(), changed_at = now()
            WHERE generation = $1 AND (generation = 1 OR changed_at < now() - make_interval(secs => $2)) RETURNING token
            """,
            [.int(generation), .double(Self.generationPause.inSeconds)]
        )
        return try rows.first?.get(0, as: UUID.self)
    }

    /// Notes that Redis carries the token: the next loss of data is not taken for the one just repaired.
    package func finishGeneration(_ token: UUID) async throws {
        _ = try await query("UPDATE doorbell SET changed_at = '-infinity' WHERE token = $1", [.uuid(token)])
    }

    /// Unmarks jobs rung in generations before the current one.
    ///
    /// Running jobs are left to their leases.
    package func unmarkOlderGenerations(limit: Int = 10_000) async throws -> Int {
        let rows = try await query(
            """
            WITH marked AS MATERIALIZED (
                SELECT j.id FROM lane_clock c, LATERAL (
                    SELECT id FROM job_live
                    WHERE lane = c.lane AND state = 'queued' AND NOT held AND vtime >= c.floor
                      AND dispatched_at IS NOT NULL AND dispatch_generation < (SELECT generation FROM doorbell)
                    ORDER BY vtime, id LIMIT $1) j
            ), lost AS MATERIALIZED (
                SELECT id FROM job_live
                WHERE id = ANY (ARRAY(SELECT id FROM marked)) AND state::text = 'queued' AND dispatched_at IS NOT NULL
                ORDER BY id FOR UPDATE SKIP LOCKED
            )
            UPDATE job_live j SET dispatched_at = NULL
            WHERE j.id = ANY (ARRAY(SELECT id FROM lost)) AND j.state::text = 'queued'
            RETURNING 1
            """,
            [.int(Int64(limit))]
        )
        return rows.count
    }

    /// Forgets what nobody needs any more, and makes the partitions of the coming week.
    ///
    /// Every minute.
    package func tidy() async throws {
        try await foldTally()
        try await forgetDeadWorkers()
        try await ensurePartitions()
        try await expireKeys()
        try await forgetIdleFlows()
    }

    /// Adds up what was accepted since the last time; the sum stays what it is at every moment.
    func foldTally() async throws {
        _ = try await query(
            """
            WITH gone AS (DELETE FROM job_tally_part RETURNING day, tenant, accepted)
            INSERT INTO job_tally AS t (day, tenant, accepted)
            SELECT day, tenant, sum(accepted) FROM gone GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (day, tenant) DO UPDATE SET accepted = t.accepted + excluded.accepted
            """,
            []
        )
    }

    /// Removes the clocks of clusters and tenants that the lane's time has passed: absent ones start at it anyway.
    private func forgetIdleFlows() async throws {
        for table in ["flow_clock", "tenant_clock"] {
            _ = try await query(
                "DELETE FROM \(table) c USING lane_clock v WHERE v.lane = c.lane AND c.vtime < v.vtime",
                []
            )
        }
    }

    /// Makes the partitions of the coming week.
    package func ensurePartitions() async throws {
        _ = try await query("SELECT ensure_job_result_partitions(7)", [])
    }

    /// Removes idempotency keys whose time is over.
    private func expireKeys() async throws {
        _ = try await query("DELETE FROM job_key WHERE expires_at < now()", [])
    }
}
