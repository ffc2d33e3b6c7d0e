/// Why the queue refused or could not do something.
package struct JobError: Error, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Too much waits already; nothing was accepted.
        case overloaded
        /// An operator has closed the lane, kind or tenant for new jobs; nothing was accepted.
        case draining
        /// The ledger cannot be reached; whether the job was accepted is unknown unless the message says so.
        case unavailable
        /// The idempotency key was used before with another payload.
        case keyConflict
        /// The store's configuration could lose jobs.
        case unsafeConfiguration
        /// A schedule that cannot be: its expression, zone, name or range.
        case invalidSchedule
        /// The tenant has a schedule of this name already.
        case scheduleExists
        /// There is no schedule of this id.
        case noSchedule
    }

    package let code: Code
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String {
        cause.map { "\(message): \($0)" } ?? message
    }
}
