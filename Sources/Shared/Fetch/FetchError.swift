/// Why a request brought no answer.
///
/// The text names host and path only: queries and credentials stay out of logs.
package struct FetchError: Error, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// Not an absolute http or https URL.
        case invalidURL
        /// No connection: refused, unreachable, name unknown, or not made within the connect deadline.
        case connect
        /// The total deadline passed.
        case timeout
        /// Bytes came too slowly for too long.
        case stalled
        /// The body is beyond `maxBodyBytes`.
        case tooLarge
        /// The connection ended before the body did.
        case truncated
        /// The TLS handshake or the certificate was refused.
        case tls
        /// Too many redirects, or one to a protocol that is not allowed.
        case redirect
        /// The answer is not HTTP, or its packing is damaged.
        case malformed
        /// The task was cancelled, or the fetcher has been shut down.
        case cancelled
        /// The receiver of a streamed body threw; the reason is in `cause`.
        case receiver
        /// The server answered with a status the caller did not want.
        case status(Int)
    }

    package let code: Code
    package let message: String
    package let place: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, at place: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.place = place
        self.cause = cause
    }

    /// True when the same request may succeed a moment later.
    package var isTransient: Bool {
        switch code {
        case .connect, .timeout, .stalled, .truncated: true
        case .status(let status): status == 429 || status >= 500
        case .invalidURL, .tooLarge, .tls, .redirect, .malformed, .cancelled, .receiver: false
        }
    }

    package var description: String {
        if let cause { return "\(place): \(message): \(cause)" }
        return "\(place): \(message)"
    }
}
