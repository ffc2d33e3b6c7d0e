/// One deliberate mistake in the protocol.
///
/// A checker that finds nothing proves little until it has found each of these. Most are real bugs of other queues.
package enum Flaw: UInt8, Sendable, CaseIterable {
    /// The protocol as it is meant.
    case none
    /// A completion looks at the state only, not at epoch and owner.
    case completesByStateOnly
    /// A hand-back starts the epochs again from zero.
    case epochResetOnHandBack
    /// The fence is the attempt counter, which snoozing and handing back count down.
    case fenceIsAttempt
    /// The reaper reads what has expired, and later takes it back without comparing the epoch.
    case reapsWithoutEpoch
    /// The reaper compares leases with its own clock, which is ahead.
    case reapsByOwnClock
    /// The reaper does not wait after the ledger was away.
    case reapsWithoutGate
    /// Every lost lease counts as a death, though the owner lives.
    case chargesTheLiving
    /// A ring is acknowledged before the claim, and nobody looks for lost rings.
    case acknowledgesBeforeClaim
    /// A dead reader's consumer is deleted with what it holds, and nobody looks for lost rings.
    case dropsPendingEntries
    /// Redis losing its data is not noticed.
    case ignoresRedisLoss
    /// The keeper writes the new token before it has unmarked what was rung before: should it die in between, nobody
    /// looks again.
    case tokenBeforeUnmark
    /// A cancel reads the state, and later ends the job as it was read.
    case cancelsAsRead
    /// A job that was asked to be cancelled is queued again on release, and claims do not look at the wish.
    case claimsCancelled
    /// A job that was asked to be cancelled is queued again on release, and no claim takes it.
    case releaseForgetsCancel
    /// A success written after the wish to cancel is applied.
    case succeedsAfterCancel
    /// A heartbeat renews by id only.
    case beatsByID
    /// The idempotency key is looked up before the transaction that writes it.
    case checksKeyOutside
    /// A batch sent again is not compared with jobs that have ended.
    case acceptsEndedAgain
    /// A child's end that is reported twice counts twice.
    case countsChildTwice
    /// Progress and checkpoints are written by id only.
    case progressByID
    /// What waits for a rule is never looked at again.
    case forgetsHeld
    /// What comes back to the queue keeps its old place, below where the scans begin, and nobody lifts it.
    case returnsBelowFloor
    /// What was accepted by a statement that took long stands below where the scans begin, and nobody lifts it.
    case liftsNobody
}
