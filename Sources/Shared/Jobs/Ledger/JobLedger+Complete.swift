package import FoundationEssentials
import Postgres

/// The end of a job, as a worker reports it under its lease.
package struct Completion: Sendable {
    package let lease: Lease
    package let state: JobState
    /// JSON text.
    package let result: String?
    package let failure: JobFailure?

    package init(lease: Lease, state: JobState, result: String? = nil, failure: JobFailure? = nil) {
        precondition(state.isTerminal, "only a terminal state ends a job")
        self.lease = lease
        self.state = state
        self.result = result
        self.failure = failure
    }
}

/// Why a job leaves a worker without having ended.
package enum Release: Sendable {
    /// Failed, to run again after this long.
    case retry(after: Duration, JobFailure)
    /// Somebody else's service refused for now: again after this long, and the attempt does not count.
    case rateLimited(Duration, JobFailure)
    /// Its handler cannot be stopped: again at once, alone in a process that can be killed; the attempt counts.
    case stuck(JobFailure)
    /// Asked to wait: the attempt does not count.
    case snooze(Duration)
    /// The worker stops: the attempt does not count, the job is ready at once.
    case handBack
}

extension JobLedger {
    /// Ends the jobs whose lease still holds: row out, result in, key's clock started, in one statement.
    ///
    /// `repeated` says that an earlier try may have been applied (its connection died): results that stand under the
    /// very same epoch and owner then count as applied. The leases that were applied come back; any other came too late
    /// and wrote nothing.
    package func complete(
        _ completions: [Completion],
        owner: UUID,
        repeated: Bool = false
    ) async throws -> Set<Lease> {
        let parameters = Self.completeParameters(completions, owner: owner)
        var applied = try Self.leases(in: await query(Self.completeSQL, parameters))
        if repeated, applied.count < completions.count {
            applied.formUnion(
                try Self.leases(in: await query(Self.appliedSQL, [parameters[0], parameters[1], .uuid(owner)]))
            )
        }
        return applied
    }

    /// Gives jobs back to the queue under their leases; the epoch rises, so that a late write of ours is refused too.
    ///
    /// A job whose caller has cancelled it ends instead: nobody would claim it again.
    /// A worker that must stop waits for the ledger until `deadline`; nil waits as for any statement.
    package func release(
        _ releases: [(lease: Lease, how: Release)],
        owner: UUID,
        deadline: Duration? = nil
    ) async throws -> Set<Lease> {
        guard !releases.isEmpty else { return [] }
        let rows = try await query(
            Self.releaseSQL,
            [
                .uuids(releases.map(\.lease.job.uuid)),
                .ints(releases.map(\.lease.epoch)),
                .doubles(releases.map(\.how.wait)),
                .texts(releases.map(\.how.word)),
                .texts(releases.map { $0.how.failure?.json }),
                .uuid(owner),
            ],
            deadline: deadline
        )
        return try Self.leases(in: rows)
    }

    static func completeParameters(_ completions: [Completion], owner: UUID) -> [PostgresValue] {
        [
            .uuids(completions.map(\.lease.job.uuid)),
            .ints(completions.map(\.lease.epoch)),
            .texts(completions.map(\.state.rawValue)),
            .texts(completions.map(\.result)),
            .texts(completions.map { $0.failure?.json }),
            .uuid(owner),
        ]
    }

    static func leases(in rows: PostgresRows) throws -> Set<Lease> {
        var leases: Set<Lease> = []
        for row in rows {
            leases.insert(Lease(job: JobID(try row.get(0, as: UUID.self)), epoch: try row.get(1)))
        }
        return leases
    }

    static let completeSQL = """
        WITH input AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[])
                AS t(id, epoch, state, result, error)
        ), held AS MATERIALIZED (
            SELECT id, lease_epoch FROM job_live
            WHERE id = ANY ($1) AND lease_owner = $6 AND state::text = 'running'
            ORDER BY id FOR UPDATE
        ), mine AS MATERIALIZED (
            SELECT i.id FROM input i JOIN held h ON h.id = i.id AND h.lease_epoch = i.epoch
        ), gone AS (
            DELETE FROM job_live
            WHERE id = ANY (ARRAY(SELECT id FROM mine)) AND lease_owner = $6 AND state::text = 'running'
            RETURNING *
        ), verdict AS (
            SELECT g.*, i.state AS reported, i.result AS reported_result, i.error AS reported_error,
                   CASE WHEN i.state <> 'succeeded' THEN i.state
                        WHEN g.cancel_requested THEN 'cancelled'
                        WHEN g.deadline < now() THEN 'failed'
                        ELSE i.state END AS final_state
            FROM gone g JOIN input i ON i.id = g.id AND i.epoch = g.lease_epoch
        ), ended AS (
            SELECT *, CASE WHEN final_state = reported THEN reported_result END AS result,
                   CASE WHEN final_state = reported THEN reported_error
                        WHEN final_state = 'failed' THEN \(quoted(.deadlineExceeded))
                        ELSE \(quoted(.cancelled)) END AS error
            FROM verdict
        ), \(endingCTEs)
        SELECT id, lease_epoch FROM stored
        """

    private static let appliedSQL = """
        SELECT r.id, r.lease_epoch
        FROM unnest($1::uuid[], $2::bigint[]) AS i(id, epoch)
        JOIN job_result r ON r.day = uuid_v7_day(i.id) AND r.id = i.id AND r.lease_epoch = i.epoch
        WHERE r.lease_owner = $3
        """

    private static let releaseSQL = """
        WITH input AS (
            SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::text[], $5::text[])
                AS t(id, epoch, wait, outcome, error)
        ), locked AS MATERIALIZED (
            SELECT id, lease_epoch, attempt, started_at, cancel_requested FROM job_live
            WHERE id = ANY ($1) AND lease_owner = $6 AND state::text = 'running'
            ORDER BY id FOR UPDATE
        ), held AS MATERIALIZED (
            SELECT l.* FROM locked l JOIN input i ON i.id = l.id AND i.epoch = l.lease_epoch
        ), released AS (
            UPDATE job_live j
            SET state = CASE WHEN i.outcome IN ('handed_back', 'stuck') THEN 'queued'
                             WHEN i.outcome = 'snooze' THEN 'scheduled' ELSE 'retrying' END::job_state,
                attempt = j.attempt - CASE WHEN i.outcome IN ('retry', 'stuck') THEN 0 ELSE 1 END,
                crash_count = CASE WHEN i.outcome = 'stuck' THEN greatest(j.crash_count + 1, \(crashesToIsolate))
                              ELSE j.crash_count END,
                lease_epoch = j.lease_epoch + 1, lease_owner = NULL, lease_until = NULL, dispatched_at = NULL,
                run_at = now() + make_interval(secs => i.wait), \(raisedToClock("j")),
                last_error = coalesce(i.error, j.last_error)
            FROM input i
            WHERE j.id = ANY (ARRAY(SELECT id FROM held WHERE NOT cancel_requested)) AND i.id = j.id
              AND j.lease_epoch = i.epoch AND j.lease_owner = $6 AND j.state::text = 'running'
            RETURNING j.id
        ), logged AS (
            INSERT INTO job_attempt (job_id, lease_epoch, attempt, worker, started_at, outcome, error)
            SELECT h.id, h.lease_epoch, h.attempt, $6, h.started_at,
                   CASE i.outcome WHEN 'stuck' THEN 'retry' ELSE i.outcome END, i.error
            FROM released r JOIN held h USING (id) JOIN input i USING (id)
            RETURNING job_id, lease_epoch
        ), gone AS (
            DELETE FROM job_live
            WHERE id = ANY (ARRAY(SELECT id FROM held WHERE cancel_requested))
              AND lease_owner = $6 AND state::text = 'running'
            RETURNING *
        ), ended AS (
            SELECT *, 'cancelled' AS final_state, NULL::text AS result, \(quoted(.cancelled)) AS error FROM gone
        ), \(endingCTEs)
        SELECT job_id, lease_epoch FROM logged UNION ALL SELECT id, lease_epoch FROM stored
        """
}

extension Release {
    fileprivate var word: String {
        switch self {
        case .retry: "retry"
        case .rateLimited: "rate_limited"
        case .stuck: "stuck"
        case .snooze: "snooze"
        case .handBack: "handed_back"
        }
    }

    fileprivate var wait: Double {
        switch self {
        case .retry(let after, _), .rateLimited(let after, _), .snooze(let after): after.inSeconds
        case .handBack, .stuck: 0
        }
    }

    fileprivate var failure: JobFailure? {
        switch self {
        case .retry(_, let failure), .rateLimited(_, let failure), .stuck(let failure): failure
        case .snooze, .handBack: nil
        }
    }
}
