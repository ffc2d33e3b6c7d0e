/// What a heartbeat says about one lease.
package enum BeatAnswer: UInt8, Sendable {
    case held
    /// Held, and the caller wants it cancelled.
    case cancelRequested
    /// Somebody else's, or nobody's: the local work must stop.
    case lost
}

extension MemoryLedger {
    /// Notes that a process lives.
    package mutating func see(_ owner: OwnerNumber, now: Moment) {
        while lastSeen.count <= owner { lastSeen.append(-1) }
        lastSeen[owner] = now
    }

    /// Takes a process out of the fleet's list after a clean stop.
    package mutating func deregister(_ owner: OwnerNumber) {
        if owner < lastSeen.count { lastSeen[owner] = -1 }
    }

    /// Renews one lease.
    ///
    /// An expired lease that nobody has reaped is renewed as well: its job is still only ours.
    package mutating func beat(_ lease: Lease, now: Moment) -> BeatAnswer {
        let isRenewed =
            flaw == .beatsByID ? rows[lease.job].state == .running : isHeld(lease)
        guard isRenewed else { return .lost }
        rows[lease.job].leaseUntil = now + timing.lease
        return rows[lease.job].cancelRequested ? .cancelRequested : .held
    }

    /// Whether the process was seen within one lease.
    func isSeen(_ owner: OwnerNumber, now: Moment) -> Bool {
        owner >= 0 && owner < lastSeen.count && lastSeen[owner] >= 0 && lastSeen[owner] > now - timing.lease
    }
}
