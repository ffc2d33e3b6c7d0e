/// The queue's promises about time, in milliseconds (in steps, for the model checker).
package struct Timing: Sendable, Equatable {
    /// How long a claim holds without a heartbeat.
    package var lease: Int
    package var beat: Int
    /// Between two rounds of a scheduler: reaping, promoting, ringing.
    package var sweep: Int
    /// A rung job that was not claimed after this long, beyond what its stream still holds, has lost its ring.
    package var patience: Int
    /// An entry unacknowledged for this long belongs to a dead reader.
    package var reclaimIdle: Int
    /// Without Redis for this long, workers claim straight from the ledger.
    package var directAfter: Int
    /// A silence of the ledger longer than this closes the reaper's gate for one lease.
    package var longestPause: Int
    /// The floor of the scans is the lane's time of so long ago at least.
    package var floorLag: Int

    /// The same values as in production; a test in JobsTests compares them.
    package static let production = Timing(
        lease: 9000,
        beat: 1000,
        sweep: 1000,
        patience: 30_000,
        reclaimIdle: 5000,
        directAfter: 3000,
        longestPause: 3000,
        floorLag: 500
    )
}
