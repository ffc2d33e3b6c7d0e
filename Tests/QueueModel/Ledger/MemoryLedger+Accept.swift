/// The last virtual time of one flow of jobs in one lane.
struct FlowClock: Sendable, Equatable {
    var lane: Int
    var tenant: Int
    var cluster: Int
    var vtime: Int
}

extension MemoryLedger {
    /// Writes a job, its key and its place in the fair order together.
    ///
    /// Safe to repeat with the same number: a job that is there, live or ended, is not made again. `ring` says that the
    /// caller rings it right after.
    package mutating func accept(_ spec: JobSpec, ring: Bool = false, now: Moment) -> Acceptance {
        if spec.key >= 0, keyOwner[spec.key] >= 0 { return answer(spec, keyHeldBy: keyOwner[spec.key]) }
        return insert(spec, ring: ring, now: now)
    }

    /// The flawed twin's first half: whether the key is free, as a statement of its own.
    package func keyIsFree(_ spec: JobSpec) -> Bool {
        spec.key < 0 || keyOwner[spec.key] < 0
    }

    /// The flawed twin's second half.
    package mutating func insert(_ spec: JobSpec, ring: Bool, now: Moment) -> Acceptance {
        let mayReplace = flaw == .acceptsEndedAgain && rows[spec.number].state.isTerminal
        guard rows[spec.number].state == .absent || mayReplace else { return .accepted(spec.number) }
        if spec.deadline <= now { return .deadlinePassed }
        if rules.isDraining(spec) { return .draining }
        if spec.key >= 0 { keyOwner[spec.key] = spec.number }
        write(spec, ring: ring, now: now)
        return .accepted(spec.number)
    }

    private func answer(_ spec: JobSpec, keyHeldBy owner: JobNumber) -> Acceptance {
        if owner == spec.number { return .accepted(owner) }
        return rows[owner].payload == spec.payload ? .duplicate(owner) : .keyConflict(owner)
    }

    mutating func write(_ spec: JobSpec, ring: Bool, now: Moment) {
        var row = JobRow()
        row.state = spec.runAt > now ? .scheduled : .queued
        row.tenant = spec.tenant
        row.cluster = spec.cluster
        row.lane = spec.lane
        row.kind = spec.kind
        row.payload = spec.payload
        row.cost = spec.cost
        row.vtime = nextTime(of: row)
        row.runAt = max(spec.runAt, now)
        row.deadline = spec.deadline
        row.allowance = spec.deadline == .never ? .never : spec.deadline - now
        row.maxAttempts = spec.maxAttempts
        row.key = spec.key
        row.parent = spec.parent
        row.dispatchedAt = ring && row.state == .queued ? now : -1
        row.dispatchGeneration = generation
        rows[spec.number] = row
        acceptedCount[spec.tenant] += 1
    }

    /// Start-time fair queueing between flows: a flow's next job comes after its last one, and costs the more the more
    /// flows its tenant has, so that opening flows wins a tenant nothing.
    ///
    /// Taken when the job is accepted, and once more when one for later comes due.
    mutating func nextTime(of row: JobRow) -> Int {
        var flow = -1
        var flows = 0
        for index in 0..<flowClocks.count
        where flowClocks[index].lane == row.lane && flowClocks[index].tenant == row.tenant {
            if flowClocks[index].cluster == row.cluster { flow = index }
            if flowClocks[index].vtime > clock(row.lane) || flow == index { flows += 1 }
        }
        if flow < 0 {
            flow = flowClocks.count
            flows += 1
            flowClocks.append(FlowClock(lane: row.lane, tenant: row.tenant, cluster: row.cluster, vtime: 0))
        }
        let vtime = max(clock(row.lane), flowClocks[flow].vtime) + row.cost * flows
        flowClocks[flow].vtime = vtime
        return vtime
    }
}
