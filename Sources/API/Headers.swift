import HTTPTypes

extension HTTPField.Name {
    /// A name that is known to be legal; the compiler cannot know it.
    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }

    static let xRequestID = known("X-Request-ID")
    static let xAPIKey = known("X-API-Key")
    static let prefer = known("Prefer")
    static let preferenceApplied = known("Preference-Applied")
    static let idempotencyKey = known("Idempotency-Key")
    static let link = known("Link")
    static let traceparent = known("traceparent")
}
