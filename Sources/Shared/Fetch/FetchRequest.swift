/// One HTTP request with all its limits: nothing sent through ``Fetcher`` can wait or grow without a bound.
package struct FetchRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?

    /// From the first byte out to the last byte in, waiting for a free connection included.
    package var totalTimeout: Duration = .seconds(60)
    package var connectTimeout: Duration = .seconds(5)
    package var lowSpeed: LowSpeed = .default

    /// Counted after unpacking, so that a small packed body cannot fill the memory either.
    package var maxBodyBytes: Int = 64 << 20

    /// Sent as `If-None-Match`; a match answers with ``FetchResponse/notModified``.
    package var ifNoneMatch: String?
    /// An HTTP date, sent as `If-Modified-Since`.
    package var ifModifiedSince: String?
    /// Asks for the rest of a body from this offset; the answer is 206, or 200 with the whole body.
    package var rangeFrom: Int?
    /// Sent as `If-Range` beside ``rangeFrom``: a body that changed meanwhile then comes whole.
    package var ifRange: String?

    /// At most three hops, never from https down to http.
    ///
    /// Switched off for signed requests: a signature is for one host.
    package var followRedirects = true
    /// Ignored with ``rangeFrom``: offsets into a packed body would not be offsets into its content.
    package var acceptsGzip = true

    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// A transfer slower than this for this long counts as stalled and is given up.
    package struct LowSpeed: Sendable {
        package var bytesPerSecond: Int
        package var period: Duration

        package init(bytesPerSecond: Int, period: Duration) {
            self.bytesPerSecond = bytesPerSecond
            self.period = period
        }

        /// A healthy peer manages far more than 1,000 B/s; 20 s forgives one lost connection's TCP recovery.
        package static let `default` = LowSpeed(bytesPerSecond: 1_000, period: .seconds(20))
    }
}
