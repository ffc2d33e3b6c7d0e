/// Why a schedule's expression, zone or time cannot be used; the message says what to do.
package struct CalendarError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The expression cannot be read.
        case invalidExpression
        /// The expression can be read, but no day matches it.
        case neverFires
        /// The zone database has no zone of this name.
        case unknownZone
        /// There is no zone database on this machine.
        case zoneDatabaseMissing
        /// A zone's file is damaged or of an unknown kind.
        case malformedZone
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
