/// What the conformance suite needs of a ledger: the statements of the queue, and a clock that can be moved.
///
/// Jobs and processes are small numbers; an adapter maps them to ids of its own.
package protocol LedgerUnderTest: Sendable {
    /// What this ledger can do; scenarios that need more are left out.
    static var features: Set<LedgerFeature> { get }

    /// Lets virtual time pass: leases run out, pauses end.
    func advance(by milliseconds: Int) async throws
    /// How virtual time stands now: for `runAt` and `deadline`.
    func now() async throws -> Moment

    func accept(_ spec: JobSpec, ring: Bool, repeated: Bool) async throws -> Acceptance
    func view(_ job: JobNumber) async throws -> JobView?

    func takeUnrung(lane: Int, limit: Int) async throws -> [JobNumber]
    func unmarkStale(lane: Int, olderThan milliseconds: Int) async throws -> Int
    /// Starts a new doorbell generation after the present one was lost, and unmarks what older ones had rung.
    func loseRings() async throws -> Int
    func promoteDue() async throws -> Int
    /// Moves the lanes' virtual times to their heads, and the floors of all scans after them.
    func advanceClocks() async throws
    /// Puts a job at the beginning of virtual time, where a very slow transaction might have left it.
    func leaveBehind(_ job: JobNumber) async throws
    func liftStragglers() async throws -> Int
    func endOverdue() async throws -> Int
    func reap() async throws -> Reaped

    func claim(_ job: JobNumber, by owner: OwnerNumber) async throws -> Lease?
    func claimDirectly(lane: Int, by owner: OwnerNumber) async throws -> Lease?
    /// Renews a lease, and notes that the process lives.
    func beat(_ lease: Lease) async throws -> BeatAnswer
    func complete(_ lease: Lease, as outcome: Standing, result: Int, repeated: Bool) async throws -> Bool
    func release(_ lease: Lease, _ how: Release) async throws -> Bool
    func report(progress: Int, _ lease: Lease) async throws -> Bool
    func save(checkpoint: Int, _ lease: Lease) async throws -> Bool
    func fanOut(
        _ lease: Lease,
        children: [JobSpec],
        policy: FailPolicy,
        completionJob: JobNumber
    ) async throws -> Bool

    func cancel(_ job: JobNumber) async throws -> CancelAnswer
    func redrive(_ job: JobNumber) async throws -> Bool
    func discard(_ job: JobNumber) async throws -> Bool

    func pause(_ scope: Rules.Scope) async throws
    func drain(_ scope: Rules.Scope) async throws
    func resume(_ scope: Rules.Scope) async throws
    func cap(_ scope: Rules.Scope, at limit: Int) async throws
    func releaseHeld() async throws -> Int

    func audit(tenant: Int) async throws -> Audit
}

/// A part of the queue that a ledger may not have yet.
package enum LedgerFeature: String, Sendable, CaseIterable {
    case cancel, progress, deadLetters, rules, parents, audit
    /// Deadlines at claim, completion and while waiting.
    case deadlines
    /// A first request that comes after its own repetition, and after the job's end, makes nothing.
    case lateRequests
    /// A deadline that has passed is refused by the ledger itself, rather than before it.
    case deadlinesAtAccept
}

/// A job as any ledger can show it.
package struct JobView: Sendable, Equatable {
    package var state: Standing
    package var attempt: Int
    package var crashCount: Int
    package var epoch: Int
    package var result: Int
    package var progress: Int
    package var checkpoint: Int

    package init(
        state: Standing,
        attempt: Int,
        crashCount: Int,
        epoch: Int,
        result: Int = 0,
        progress: Int = 0,
        checkpoint: Int = 0
    ) {
        self.state = state
        self.attempt = attempt
        self.crashCount = crashCount
        self.epoch = epoch
        self.result = result
        self.progress = progress
        self.checkpoint = checkpoint
    }
}
