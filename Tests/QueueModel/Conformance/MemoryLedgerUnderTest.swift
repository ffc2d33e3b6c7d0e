/// The model's ledger behind the conformance suite's protocol, with a clock of its own.
package actor MemoryLedgerUnderTest: LedgerUnderTest {
    package static let features = Set(LedgerFeature.allCases)

    private var ledger: MemoryLedger
    private var clock: Moment = 1_000_000

    package init(flaw: Flaw = .none) {
        ledger = MemoryLedger(capacity: 100, flaw: flaw)
    }

    package func advance(by milliseconds: Int) { clock += milliseconds }
    package func now() -> Moment { clock }

    package func accept(_ spec: JobSpec, ring: Bool, repeated: Bool) -> Acceptance {
        ledger.accept(spec, ring: ring, now: clock)
    }

    package func view(_ job: JobNumber) -> JobView? {
        let row = ledger.rows[job]
        guard row.state != .absent else { return nil }
        return JobView(
            state: row.state,
            attempt: row.attempt,
            crashCount: row.crashCount,
            epoch: row.epoch,
            result: row.result,
            progress: row.progress,
            checkpoint: row.checkpoint
        )
    }

    package func takeUnrung(lane: Int, limit: Int) -> [JobNumber] {
        ledger.takeUnrung(lane: lane, limit: limit, now: clock)
    }

    package func unmarkStale(lane: Int, olderThan milliseconds: Int) -> Int {
        ledger.unmarkStale(lane: lane, olderThan: milliseconds, now: clock)
    }

    package func loseRings() -> Int {
        _ = ledger.startGeneration(after: ledger.generation)
        return ledger.unmarkOlderGenerations()
    }

    package func promoteDue() -> Int { ledger.promoteDue(now: clock) }
    package func advanceClocks() { for lane in 0..<4 { ledger.advanceClock(lane: lane, now: clock) } }
    package func leaveBehind(_ job: JobNumber) { ledger.leaveBehind(job) }
    package func liftStragglers() -> Int { (0..<4).map { ledger.liftStragglers(lane: $0) }.reduce(0, +) }
    package func endOverdue() -> Int { ledger.endOverdue(now: clock) }
    package func reap() -> Reaped { ledger.reap(now: clock) }

    package func claim(_ job: JobNumber, by owner: OwnerNumber) -> Lease? {
        ledger.claim(job, by: owner, now: clock)
    }

    package func claimDirectly(lane: Int, by owner: OwnerNumber) -> Lease? {
        ledger.claimDirectly(lane: lane, by: owner, now: clock)
    }

    package func beat(_ lease: Lease) -> BeatAnswer {
        ledger.see(lease.owner, now: clock)
        return ledger.beat(lease, now: clock)
    }

    package func complete(_ lease: Lease, as outcome: Standing, result: Int, repeated: Bool) -> Bool {
        ledger.complete(lease, as: outcome, result: result, repeated: repeated, now: clock)
    }

    package func release(_ lease: Lease, _ how: Release) -> Bool { ledger.release(lease, how, now: clock) }
    package func report(progress: Int, _ lease: Lease) -> Bool { ledger.report(progress: progress, lease) }
    package func save(checkpoint: Int, _ lease: Lease) -> Bool { ledger.save(checkpoint: checkpoint, lease) }

    package func fanOut(_ lease: Lease, children: [JobSpec], policy: FailPolicy, completionJob: JobNumber) -> Bool {
        ledger.fanOut(lease, children: children, policy: policy, completionJob: completionJob, now: clock)
    }

    package func cancel(_ job: JobNumber) -> CancelAnswer { ledger.cancel(job, now: clock) }
    package func redrive(_ job: JobNumber) -> Bool { ledger.redrive(job, now: clock) }
    package func discard(_ job: JobNumber) -> Bool { ledger.discard(job) }

    package func pause(_ scope: Rules.Scope) { ledger.rules.pause(scope) }
    package func drain(_ scope: Rules.Scope) { ledger.rules.drain(scope) }
    package func resume(_ scope: Rules.Scope) { ledger.rules.resume(scope) }
    package func cap(_ scope: Rules.Scope, at limit: Int) { ledger.rules.cap(scope, at: limit) }
    package func releaseHeld() -> Int { ledger.releaseHeld() }

    package func audit(tenant: Int) -> Audit { ledger.audit(tenant: tenant) }
}
