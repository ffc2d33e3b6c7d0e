/// What went wrong between this process and PostgreSQL.
///
/// The message never holds parameter values, passwords or connection strings: it may be logged and shown.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure; the closed set a caller can decide by.
    package enum Code: String, Sendable {
        /// No connection could be made. Nothing was run.
        case connectionFailed
        /// The connection broke while the statement was under way: it may or may not have run.
        case connectionLost
        /// The deadline passed, here or on the server: the statement may or may not have run.
        case timeout
        /// The caller was cancelled, or an operator cancelled the statement.
        case cancelled
        /// The bounded queue is full: nothing was run; come back later.
        case overloaded
        /// The pool, connection or transaction has ended.
        case closed
        /// The server refused the statement; see ``sqlState``.
        case server
        /// A value could not be read as the type that was asked for.
        case decoding
        /// A parameter cannot be sent, such as a date outside PostgreSQL's calendar.
        case invalidParameter
        /// The connection settings are wrong.
        case invalidConfiguration
        /// The schema and the migrations disagree.
        case migration
    }

    package let code: Code
    package let message: String
    /// The five-character code of the SQL standard, when the server sent one.
    package let sqlState: String?
    /// The constraint that was violated, when the server named one.
    package let constraint: String?
    /// The server no longer knows the prepared statement, or its plan has become impossible.
    let invalidatesStatement: Bool

    package init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.init(code, message, sqlState: sqlState, constraint: nil, invalidatesStatement: false)
    }

    init(_ code: Code, _ message: String, sqlState: String?, constraint: String?, invalidatesStatement: Bool) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.constraint = constraint
        self.invalidatesStatement = invalidatesStatement
    }

    /// Whether the same work may succeed on another try: a serialization failure, a deadlock, a server that restarts
    /// or is full, a broken connection.
    ///
    /// After ``Code/connectionLost`` the work may have been done already; retry only what is idempotent.
    package var isRetryable: Bool {
        switch code {
        case .connectionFailed: !Self.finalRefusals.contains { sqlState?.hasPrefix($0) ?? false }
        case .connectionLost, .overloaded: true
        case .timeout, .cancelled, .closed, .decoding, .invalidParameter, .invalidConfiguration, .migration: false
        case .server: invalidatesStatement || Self.retryableStates.contains(sqlState ?? "")
        }
    }

    /// Refusals of a connection that waiting does not mend: who we say we are (28…), and a database that is not there.
    private static let finalRefusals = ["28", "3D000"]

    private static let retryableStates: Set<String> = [
        "40001",  // serialization failure
        "40P01",  // deadlock
        "57P01",  // the server shuts down, or an administrator ended the session
        "57P02",  // the server crashed
        "57P03",  // the server starts up
        "53300",  // too many connections
    ]

    package var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return "PostgreSQL \(code.rawValue): \(message)\(state)"
    }
}
