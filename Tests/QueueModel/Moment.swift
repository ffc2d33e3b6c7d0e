/// A moment of virtual time: milliseconds since the world began.
///
/// A plain number, since the simulator compares billions of them.
package typealias Moment = Int

/// A job by its place in the model's ledger: dense, from 0, chosen by whoever makes the job.
package typealias JobNumber = Int

/// A process by the order of its start; never used again, as the real random owner ids are not.
package typealias OwnerNumber = Int

extension Moment {
    /// Later than everything: a parked parent's `run_at`, a missing deadline.
    package static let never = Int.max / 4
}
