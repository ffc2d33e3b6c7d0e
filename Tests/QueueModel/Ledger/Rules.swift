/// What operators have stopped or limited, by lane, kind and tenant.
package struct Rules: Sendable, Equatable {
    /// What a rule speaks about.
    package enum Scope: Sendable, Equatable {
        case lane(Int), kind(Int), tenant(Int)
    }

    /// Nothing of these starts; accepting goes on.
    private var paused = Sets()
    /// Nothing of these is accepted; what waits is worked off.
    private var drained = Sets()
    /// The most that may run at once, by tenant and kind; `Int.max` without a cap.
    package private(set) var tenantCaps = [Int.max, Int.max, Int.max, Int.max]
    package private(set) var kindCaps = [Int.max, Int.max, Int.max, Int.max]
    /// Whether any of this was ever used: spares the simulator the counting.
    package private(set) var isUsed = false

    package init() {}

    package mutating func pause(_ scope: Scope) {
        paused.insert(scope)
        isUsed = true
    }

    package mutating func drain(_ scope: Scope) {
        drained.insert(scope)
        isUsed = true
    }

    /// Ends pausing and draining of the scope.
    package mutating func resume(_ scope: Scope) {
        paused.remove(scope)
        drained.remove(scope)
    }

    package mutating func cap(_ scope: Scope, at limit: Int) {
        isUsed = true
        switch scope {
        case .tenant(let tenant): tenantCaps[tenant] = limit
        case .kind(let kind): kindCaps[kind] = limit
        case .lane: break
        }
    }

    func isPaused(_ row: JobRow) -> Bool { paused.contains(lane: row.lane, kind: row.kind, tenant: row.tenant) }
    func isDraining(_ spec: JobSpec) -> Bool { drained.contains(lane: spec.lane, kind: spec.kind, tenant: spec.tenant) }

    /// Three small sets of small numbers, as bits.
    private struct Sets: Sendable, Equatable {
        var lanes = 0
        var kinds = 0
        var tenants = 0

        mutating func insert(_ scope: Scope) {
            switch scope {
            case .lane(let lane): lanes |= 1 << lane
            case .kind(let kind): kinds |= 1 << kind
            case .tenant(let tenant): tenants |= 1 << tenant
            }
        }

        mutating func remove(_ scope: Scope) {
            switch scope {
            case .lane(let lane): lanes &= ~(1 << lane)
            case .kind(let kind): kinds &= ~(1 << kind)
            case .tenant(let tenant): tenants &= ~(1 << tenant)
            }
        }

        func contains(lane: Int, kind: Int, tenant: Int) -> Bool {
            lanes & (1 << lane) | kinds & (1 << kind) | tenants & (1 << tenant) != 0
        }
    }
}

extension MemoryLedger {
    /// Whether a rule keeps a ready job from starting now.
    func isStopped(_ job: JobNumber) -> Bool {
        if !rules.isUsed { return false }
        return rules.isPaused(rows[job])
            || running(tenant: rows[job].tenant) >= rules.tenantCaps[rows[job].tenant]
            || running(kind: rows[job].kind) >= rules.kindCaps[rows[job].kind]
    }

    /// Lets held jobs be rung again that no rule stops any more, in fair order; the claim looks once more.
    package mutating func releaseHeld() -> Int {
        if !rules.isUsed || flaw == .forgetsHeld { return 0 }
        var released = 0
        for job in heldInFairOrder() where !isStopped(job) {
            rows[job].held = false
            raiseToClock(job)
            released += 1
        }
        return released
    }

    private func heldInFairOrder() -> [JobNumber] {
        rows.indices.filter { rows[$0].held && rows[$0].state == .queued }
            .sorted { (rows[$0].vtime, $0) < (rows[$1].vtime, $1) }
    }

    private func running(tenant: Int) -> Int {
        var count = 0
        for job in 0..<rows.count where rows[job].state == .running && rows[job].tenant == tenant { count += 1 }
        return count
    }

    private func running(kind: Int) -> Int {
        var count = 0
        for job in 0..<rows.count where rows[job].state == .running && rows[job].kind == kind { count += 1 }
        return count
    }
}
