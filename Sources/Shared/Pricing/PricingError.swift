/// Why prices could not be read, stored or fetched.
///
/// Names the document and the place in it, never its content.
package struct PricingError: Error, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The document breaks its own syntax, or ends early.
        case malformed
        /// The syntax is right, the content is not what it claims to be.
        case invalid
        /// Far fewer rows than the good copy has; the copy stays.
        case shrunk
        /// A sample must not replace real data.
        case sampleOverReal
        /// A local file cannot be read.
        case unreadable
        /// The network or the server failed; see `cause`.
        case fetch
        /// The service refused the request, for example for missing rights.
        case refused
        /// PostgreSQL failed; nothing was changed. See `cause`.
        case store
        case cancelled
        /// The fleet's own budget of calls is used up for a while; see `retryAfter`.
        case rateLimited
    }

    package let code: Code
    package let message: String
    package let document: String
    package let cause: (any Error)?
    /// When to come back; set with `rateLimited`.
    package var retryAfter: Duration?

    package init(_ code: Code, _ message: String, in document: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.document = document
        self.cause = cause
    }

    package var description: String {
        if let cause { return "\(document): \(message): \(cause)" }
        return "\(document): \(message)"
    }
}
