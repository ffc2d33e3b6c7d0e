import FoundationEssentials
import Postgres

/// What happened to one job of an accepted batch.
package enum Acceptance: Sendable, Equatable {
    case accepted(JobID)
    /// The key was used before for the same payload: this is the job it made.
    case duplicate(JobID)
    /// The key was used before for another payload.
    case keyConflict(JobID)
}

extension JobLedger {
    /// One job as the accept statement takes it; `ring` says that the caller will ring it right after COMMIT.
    package struct Entry: Sendable {
        package let job: NewJob
        package let ring: Bool

        package init(job: NewJob, ring: Bool) {
            self.job = job
            self.ring = ring
        }
    }

    /// Writes the batch in one transaction: rows, keys and fair-queueing clocks together.
    ///
    /// Safe to repeat with the same ids when a connection died in between and the outcome is unknown: the server may carry
    /// the first request out long after its repetition, so jobs of these ids that have ended are always looked for.
    ///
    /// - Returns: One outcome per entry, in order. When the call returns, all accepted jobs are committed.
    package func accept(_ entries: [Entry]) async throws -> [Acceptance] {
        let jobs = entries.map(\.job)
        let rows = try await query(Self.acceptSQL, Self.acceptParameters(entries))
        var inserted: Set<JobID> = []
        for row in rows { inserted.insert(JobID(try row.get(0, as: UUID.self))) }
        let keyed = jobs.filter { $0.idempotency != nil && !inserted.contains($0.id) }
        let owners = keyed.isEmpty ? [:] : try await keyOwners(of: keyed)
        return try jobs.map { job in
            if inserted.contains(job.id) { return .accepted(job.id) }
            guard let key = job.idempotency else {
                // Only a repetition can meet its own id: the first try had committed after all.
                return .accepted(job.id)
            }
            guard let owner = owners[KeyName(tenant: job.tenant, key: key.key)] else {
                throw JobError(.unavailable, "the idempotency key expired during the request; send it again")
            }
            if owner.id == job.id { return .accepted(job.id) }
            return owner.hash == key.payloadHash ? .duplicate(owner.id) : .keyConflict(owner.id)
        }
    }

    static func acceptParameters(_ entries: [Entry]) -> [PostgresValue] {
        let jobs = entries.map(\.job)
        return [
            .uuids(jobs.map(\.id.uuid)),
            .texts(jobs.map(\.tenant)),
            .texts(jobs.map(\.lane.rawValue)),
            .texts(jobs.map(\.kind.name)),
            .ints(jobs.map { Int64($0.payloadVersion) }),
            .texts(jobs.map(\.payload)),
            .doubles(jobs.map(\.cost)),
            .timestamps(jobs.map(\.runAt)),
            .timestamps(jobs.map(\.deadline)),
            .ints(jobs.map { Int64($0.maxAttempts) }),
            .texts(jobs.map { $0.idempotency?.key }),
            .bytesArray(jobs.map { $0.idempotency?.payloadHash }),
            .texts(jobs.map(\.requestID)),
            .texts(jobs.map(\.traceparent)),
            .texts(jobs.map { $0.parent?.description }),
            .bools(entries.map(\.ring)),
            .texts(jobs.map(\.cluster)),
            // Ids of one batch are made within seconds: two days at most, each looked up in its own partition.
            PostgresValue(jobs.map(\.id.acceptedAt).min()?.dayText),
            PostgresValue(jobs.map(\.id.acceptedAt).max()?.dayText),
        ]
    }

    private struct KeyName: Hashable {
        let tenant: String
        let key: String
    }

    private func keyOwners(of jobs: [NewJob]) async throws -> [KeyName: (id: JobID, hash: [UInt8])] {
        let rows = try await query(
            """
            SELECT k.tenant, k.key, k.job_id, k.payload_hash
            FROM unnest($1::text[], $2::text[]) AS wanted(tenant, key) JOIN job_key k USING (tenant, key)
            """,
            [.texts(jobs.map(\.tenant)), .texts(jobs.map { $0.idempotency?.key })]
        )
        var owners: [KeyName: (id: JobID, hash: [UInt8])] = [:]
        for row in rows {
            let name = KeyName(tenant: try row.get(0), key: try row.get(1))
            owners[name] = (JobID(try row.get(2, as: UUID.self)), try row.get(3))
        }
        return owners
    }

    /// Keys first (they decide what is fresh), then clocks, then rows; each in one order for all callers.
    ///
    /// An expired key is taken over. A key inserted by a transaction still under way is waited for. Returns the ids
    /// that were inserted; what is counted is exactly what was inserted.
    static let acceptSQL = """
        WITH past AS MATERIALIZED (
            SELECT id FROM job_result WHERE day = $18::text::date AND id = ANY ($1)
            UNION ALL
            SELECT id FROM job_result WHERE day = $19::text::date AND $19 <> $18 AND id = ANY ($1)
        ), input AS (
            SELECT * FROM unnest(
                $1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::float8[],
                $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::text[], $12::bytea[], $13::text[],
                $14::text[], $15::text[], $16::boolean[], $17::text[]
            ) WITH ORDINALITY AS t(id, tenant, lane, kind, payload_version, payload, cost, run_at, deadline,
                                   max_attempts, key, payload_hash, request_id, traceparent, parent_id, ring, cluster, n)
        ), keys AS (
            INSERT INTO job_key AS k (tenant, key, payload_hash, job_id)
            SELECT tenant, key, payload_hash, id FROM input WHERE key IS NOT NULL ORDER BY tenant, key
            ON CONFLICT (tenant, key) DO UPDATE
                SET payload_hash = excluded.payload_hash, job_id = excluded.job_id, expires_at = 'infinity'
                WHERE k.expires_at < now()
            RETURNING k.job_id
        ), fresh AS (
            SELECT i.* FROM input i
            WHERE (i.key IS NULL OR i.id IN (SELECT job_id FROM keys)) AND i.id NOT IN (SELECT id FROM past)
        ), \(fairTagCTEs), inserted AS (
            INSERT INTO job_live (
                id, tenant, cluster, lane, kind, payload_version, payload, state, cost, vtime, run_at, deadline,
                allowance, max_attempts, idempotency_key, request_id, traceparent, parent_id, dispatched_at, dispatch_generation)
            SELECT f.id, f.tenant, f.cluster, f.lane::job_lane, f.kind, f.payload_version, f.payload,
                   CASE WHEN f.run_at > now() THEN 'scheduled' ELSE 'queued' END::job_state,
                   f.cost,
                   t.vtime,
                   coalesce(f.run_at, now()), f.deadline, f.deadline - now(), f.max_attempts, f.key, f.request_id, f.traceparent,
                   f.parent_id::uuid,
                   CASE WHEN f.ring AND f.run_at IS NULL THEN now() END,
                   (SELECT generation FROM doorbell)
            FROM fresh f JOIN tagged t USING (id)
            ORDER BY f.id
            ON CONFLICT (id) DO NOTHING
            RETURNING id, tenant
        ), counted AS (
            INSERT INTO job_tally_part (day, tenant, accepted)
            SELECT uuid_v7_day(id), tenant, count(*) FROM inserted GROUP BY 1, 2
        )
        SELECT id FROM inserted
        """
}
