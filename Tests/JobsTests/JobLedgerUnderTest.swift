import FoundationEssentials
import Postgres
import QueueModel

@testable import Jobs

/// The real ledger behind the conformance suite's protocol.
///
/// Virtual time passes by moving every stored moment into the past; `now` therefore only counts what was moved.
actor JobLedgerUnderTest: LedgerUnderTest {
    /// A deadline that has passed is refused before the ledger, by the API's reading of a request.
    static let features = Set(LedgerFeature.allCases).subtracting([.deadlinesAtAccept])

    private let queue: QueueFixture
    private var moved: Moment = 0
    private let start: Date
    private var ids: [JobNumber: JobID] = [:]
    private var owners: [OwnerNumber: UUID] = [:]
    private var claimed: [QueueModel.Lease: ClaimedJob] = [:]
    /// By parent.
    private var completionJobs: [JobNumber: JobNumber] = [:]
    private var ledger: JobLedger { queue.ledger }

    init(_ queue: QueueFixture) {
        self.queue = queue
        self.start = Date()
    }

    func advance(by milliseconds: Int) async throws {
        moved += milliseconds
        let interval: [PostgresValue] = [.double(Double(milliseconds) / 1000)]
        for sql in Self.moves { _ = try await queue.pool.query(sql, interval) }
    }

    func now() -> Moment { moved + Int(Date().timeIntervalSince(start) * 1000) }

    private static let moves = [
        """
        UPDATE job_live SET run_at = run_at - make_interval(secs => $1), deadline = deadline - make_interval(secs => $1),
            lease_until = lease_until - make_interval(secs => $1),
            dispatched_at = dispatched_at - make_interval(secs => $1)
        """,
        "UPDATE lane_clock SET floor_at = floor_at - make_interval(secs => $1), lift_at = lift_at - make_interval(secs => $1)",
        "UPDATE scan_floor SET since = since - make_interval(secs => $1)",
        "UPDATE worker SET last_seen = last_seen - make_interval(secs => $1)",
        "UPDATE job_key SET expires_at = expires_at - make_interval(secs => $1)",
    ]

    /// A moment of virtual time as the server's clock will show it.
    private func date(_ moment: Moment) -> Date { start.addingTimeInterval(Double(moment - moved) / 1000) }

    func accept(_ spec: JobSpec, ring: Bool, repeated: Bool) async throws -> QueueModel.Acceptance {
        let job = job(spec)
        if await IntakeDoors(ledger: ledger).refusal(of: job) != nil { return .draining }
        let entry = JobLedger.Entry(job: job, ring: ring)
        switch try await ledger.accept([entry])[0] {
        case .accepted(let id): return .accepted(number(of: id))
        case .duplicate(let id): return .duplicate(number(of: id))
        case .keyConflict(let id): return .keyConflict(number(of: id))
        }
    }

    private func job(_ spec: JobSpec) -> NewJob {
        var job = NewJob(
            id: id(of: spec.number),
            tenant: "tenant-\(spec.tenant)",
            kind: .drill,
            payload: #"{"n":\#(spec.payload)}"#,
            lane: Lane.allCases[spec.lane]
        )
        job.cluster = "cluster-\(spec.cluster)"
        job.cost = Double(spec.cost)
        job.maxAttempts = spec.maxAttempts
        if spec.runAt > 0 { job.runAt = date(spec.runAt) }
        if spec.deadline < .never { job.deadline = date(spec.deadline) }
        if spec.key >= 0 {
            job.idempotency = IdempotencyKey(key: "key-\(spec.key)", payloadHash: [UInt8(spec.payload)])
        }
        return job
    }

    /// The job as its row shows it, whichever table that is.
    func view(_ job: JobNumber) async throws -> JobView? {
        let rows = try await queue.pool.query(
            """
            SELECT state::text, attempt, crash_count, lease_epoch, NULL::text, progress, checkpoint
            FROM job_live WHERE id = $1
            UNION ALL
            SELECT state::text, attempt, crash_count, lease_epoch, result, NULL, NULL FROM job_result WHERE id = $1
            """,
            [.uuid(id(of: job).uuid)]
        )
        guard let row = rows.first else { return nil }
        guard rows.count == 1 else { throw JobError(.unavailable, "job \(job) stands in both tables") }
        let progress = try row.get(5, as: String?.self).flatMap { JobProgress(json: $0) }
        return JobView(
            state: Self.standing(try row.get(0)),
            attempt: Int(try row.get(1, as: Int64.self)),
            crashCount: Int(try row.get(2, as: Int64.self)),
            epoch: Int(try row.get(3, as: Int64.self)),
            result: try row.get(4, as: String?.self).flatMap(Int.init) ?? 0,
            progress: Int(progress?.percent ?? 0),
            checkpoint: try row.get(6, as: String?.self).flatMap(Int.init) ?? 0
        )
    }

    private static func standing(_ name: String) -> Standing {
        Standing.allCases.first { "\($0)" == name } ?? .absent
    }

    func takeUnrung(lane: Int, limit: Int) async throws -> [JobNumber] {
        try await ledger.takeUnrung(lane: Lane.allCases[lane], limit: limit).map { number(of: $0.id) }
    }

    func unmarkStale(lane: Int, olderThan milliseconds: Int) async throws -> Int {
        try await ledger.unmarkStale(lane: Lane.allCases[lane], olderThan: .milliseconds(milliseconds))
    }

    func loseRings() async throws -> Int {
        _ = try await ledger.startGeneration(after: try await ledger.doorbell().generation)
        return try await ledger.unmarkOlderGenerations()
    }

    func promoteDue() async throws -> Int { try await ledger.promoteDue() }

    func advanceClocks() async throws {
        try await ledger.advanceClocks()
        try await ledger.raiseFloors()
    }

    func leaveBehind(_ job: JobNumber) async throws {
        _ = try await queue.pool.query("UPDATE job_live SET vtime = 0 WHERE id = $1", [.uuid(id(of: job).uuid)])
    }

    func liftStragglers() async throws -> Int {
        let lifted = try await ledger.liftStragglers()
        return try await lifted + ledger.liftStragglers(everywhere: true)
    }

    func reap() async throws -> QueueModel.Reaped {
        let reaped = try await ledger.reap()
        return QueueModel.Reaped(requeued: reaped.requeued, ended: reaped.ended)
    }

    func claim(_ job: JobNumber, by owner: OwnerNumber) async throws -> QueueModel.Lease? {
        try await ledger.claim([id(of: job)], owner: uuid(of: owner), kinds: JobKind.all).first.map { lease($0, owner) }
    }

    func claimDirectly(lane: Int, by owner: OwnerNumber) async throws -> QueueModel.Lease? {
        try await ledger.claimDirectly(
            limit: 1,
            lanes: [Lane.allCases[lane]],
            owner: uuid(of: owner),
            kinds: JobKind.all,
            unrung: false
        ).first.map { lease($0, owner) }
    }

    func beat(_ lease: QueueModel.Lease) async throws -> BeatAnswer {
        let owner = uuid(of: lease.owner)
        _ = try await queue.pool.query(
            """
            INSERT INTO worker (id, host, pid, version, lanes, kinds, slots)
            VALUES ($1, 'here', 1, 'test', '{batch}', '{}', 1) ON CONFLICT (id) DO UPDATE SET last_seen = now()
            """,
            [.uuid(owner)]
        )
        let reply = try await Beat.once([real(lease)], owner: owner, on: queue.configuration)
        if reply.cancelRequested.contains(real(lease)) { return .cancelRequested }
        return reply.held.contains(real(lease)) ? .held : .lost
    }

    func complete(
        _ lease: QueueModel.Lease,
        as outcome: Standing,
        result: Int,
        repeated: Bool
    ) async throws -> Bool {
        let completion = Completion(
            lease: real(lease),
            state: JobState(rawValue: "\(outcome)") ?? .failed,
            result: outcome == .succeeded ? "\(result)" : nil,
            failure: outcome == .succeeded ? nil : Self.failure
        )
        let owner = uuid(of: lease.owner)
        if let job = claimed[lease], let next = NewJob(completionOf: job), let number = completionJobs[lease.job] {
            ids[number] = next.id
            return try await ledger.complete(completion, followedBy: next, owner: owner)
        }
        return try await !ledger.complete([completion], owner: owner, repeated: repeated).isEmpty
    }

    private static let failure = JobFailure(code: "test", message: "the test wants it so")

    func release(_ lease: QueueModel.Lease, _ how: QueueModel.Release) async throws -> Bool {
        let real: Jobs.Release
        switch how {
        case .retry(let after): real = .retry(after: .milliseconds(after), Self.failure)
        case .snooze(let after): real = .snooze(.milliseconds(after))
        case .handBack: real = .handBack
        case .rateLimited(let until): real = .rateLimited(.milliseconds(until - now()), Self.failure)
        }
        return try await !ledger.release([(self.real(lease), real)], owner: uuid(of: lease.owner)).isEmpty
    }

    func endOverdue() async throws -> Int { try await ledger.endOverdue().count }

    func report(progress: Int, _ lease: QueueModel.Lease) async throws -> Bool {
        let report = ProgressReport(lease: real(lease), progress: JobProgress(percent: Double(progress)))
        return try await !ledger.report([report], owner: uuid(of: lease.owner)).isEmpty
    }

    func save(checkpoint: Int, _ lease: QueueModel.Lease) async throws -> Bool {
        let report = ProgressReport(lease: real(lease), checkpoint: "\(checkpoint)")
        return try await !ledger.report([report], owner: uuid(of: lease.owner)).isEmpty
    }

    func fanOut(
        _ lease: QueueModel.Lease,
        children: [JobSpec],
        policy: FailPolicy,
        completionJob: JobNumber
    ) async throws -> Bool {
        let order = FanOut(
            children: children.map { job($0) },
            failFast: policy == .failFast,
            completion: completionJob < 0 ? nil : CompletionJob(kind: .drill, payload: "{}")
        )
        if completionJob >= 0 { completionJobs[lease.job] = completionJob }
        return try await ledger.fanOut(real(lease), order, owner: uuid(of: lease.owner))
    }

    // MARK: Callers and operators

    func cancel(_ job: JobNumber) async throws -> CancelAnswer {
        let cancelled = try await ledger.cancel(id(of: job), tenant: nil)
        if cancelled.ended.contains(id(of: job)) { return .cancelled }
        if cancelled.told.contains(id(of: job)) { return .requested }
        return try await view(job) == nil ? .unknown : .ended
    }

    func redrive(_ job: JobNumber) async throws -> Bool {
        try await !ledger.redrive([id(of: job)]).redriven.isEmpty
    }

    func discard(_ job: JobNumber) async throws -> Bool { try await !ledger.discard([id(of: job)]).isEmpty }

    func pause(_ scope: Rules.Scope) async throws { try await set(.paused, scope) }
    func drain(_ scope: Rules.Scope) async throws { try await set(.draining, scope) }
    func resume(_ scope: Rules.Scope) async throws { try await set(.open, scope) }

    private func set(_ mode: QueueRule.Mode, _ scope: Rules.Scope) async throws {
        let (real, name) = Self.named(scope)
        try await ledger.setMode(mode, scope: real, name: name, reason: nil)
    }

    func cap(_ scope: Rules.Scope, at limit: Int) async throws {
        let (real, name) = Self.named(scope)
        try await ledger.setCap(limit, scope: real, name: name)
    }

    private static func named(_ scope: Rules.Scope) -> (QueueRule.Scope, String) {
        switch scope {
        case .lane(let lane): (.lane, Lane.allCases[lane].rawValue)
        case .kind: (.kind, JobKind.drill.name)
        case .tenant(let tenant): (.tenant, "tenant-\(tenant)")
        }
    }

    func releaseHeld() async throws -> Int { try await ledger.releaseHeld() }

    func audit(tenant: Int) async throws -> Audit {
        let lines = try await ledger.audit().lines.filter { $0.tenant == "tenant-\(tenant)" }
        return Audit(
            accepted: lines.reduce(0) { $0 + $1.accepted },
            live: lines.reduce(0) { $0 + $1.live },
            terminal: lines.reduce(0) { $0 + $1.ended }
        )
    }

    // MARK: Numbers and ids

    /// Ids of ascending numbers ascend, so that equal virtual times come in the same order.
    private func id(of number: JobNumber) -> JobID {
        if let id = ids[number] { return id }
        let id = JobID.make(now: start.addingTimeInterval(Double(number) / 1000))
        ids[number] = id
        return id
    }

    private func number(of id: JobID) -> JobNumber { ids.first { $0.value == id }?.key ?? -1 }

    private func uuid(of owner: OwnerNumber) -> UUID {
        if let uuid = owners[owner] { return uuid }
        let uuid = UUID()
        owners[owner] = uuid
        return uuid
    }

    private func lease(_ job: ClaimedJob, _ owner: OwnerNumber) -> QueueModel.Lease {
        let lease = QueueModel.Lease(job: number(of: job.id), epoch: Int(job.lease.epoch), owner: owner)
        claimed[lease] = job
        return lease
    }

    private func real(_ lease: QueueModel.Lease) -> Jobs.Lease {
        Jobs.Lease(job: id(of: lease.job), epoch: Int64(lease.epoch))
    }
}
