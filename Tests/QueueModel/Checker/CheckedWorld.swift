/// How small a world the model checker explores, and what may go wrong in it, how often.
///
/// Every number bounds the state space: each kind of fault is taken at every possible moment, but only so many times.
package struct CheckedWorld: Sendable {
    package var name: String
    package var jobs = 1
    package var workers = 2
    package var flaw = Flaw.none

    /// Workers killed, keepers killed between mark and ring.
    package var crashes = 0
    /// FLUSHALL.
    package var flushes = 0
    /// Messages lost before or after they were carried out.
    package var losses = 0
    /// Messages sent once more while the first is still on its way.
    package var doubles = 0
    package var snoozes = 0
    package var retries = 0
    package var handBacks = 0
    package var cancels = 0

    /// In steps of the clock: a lease is one.
    ///
    /// All other waiting is left out: whoever waits for something to be old enough may find it so at any moment, which
    /// allows more than reality does.
    static let timing = Timing(
        lease: 1,
        beat: 1,
        sweep: 1,
        patience: 0,
        reclaimIdle: 0,
        directAfter: 0,
        longestPause: 1,
        floorLag: 1
    )

    package init(_ name: String) {
        self.name = name
    }
}
