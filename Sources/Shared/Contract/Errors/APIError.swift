/// The one error every route and every request reader throws: what is wrong, where, and what to do about it.
///
/// Written as `{"error": {"code", "message", "field", "hint"}, "request_id", "detail"}`. `detail` repeats the message
/// for callers that were written against FastAPI.
package struct APIError: Error, Sendable, Equatable {
    package let code: Code
    /// One sentence for a human.
    ///
    /// Never holds secrets, payloads or internal type names.
    package let message: String
    /// The path of the field at fault, such as `requirements.cpu`.
    package let field: String?
    package let hint: String
    /// Seconds for a Retry-After header; set with 429 and 503.
    package var retryAfterSeconds: Int?
    /// The job the caller can go on asking about; set with 504.
    package var jobID: String?

    package init(_ code: Code, _ message: String, field: String? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
        self.hint = hint ?? code.defaultHint
    }

    package var status: Int { code.status }

    /// The error as the caller reads it.
    package func json(requestID: String) -> JSONValue {
        let error: JSONValue = [
            "code": .string(code.rawValue),
            "message": .string(message),
            "field": .optional(field),
            "hint": .string(hint),
        ]
        var body: JSONObject = ["error": error, "request_id": .string(requestID), "detail": .string(message)]
        if let jobID { body["job_id"] = .string(jobID) }
        return .object(body)
    }

    /// The body as bytes of JSON.
    package func body(requestID: String) -> [UInt8] { json(requestID: requestID).bytes() }
}

extension APIError: CustomStringConvertible {
    package var description: String {
        field.map { "\(code.rawValue): \($0): \(message)" } ?? "\(code.rawValue): \(message)"
    }
}

extension APIError {
    /// A document that is no JSON: 400, or 413 when its size is the fault.
    package init(_ fault: JSONParseError) {
        let isSize = fault.reason == .tooLarge
        self.init(
            isSize ? .payloadTooLarge : .malformedJSON,
            fault.description,
            field: fault.path.isEmpty ? nil : fault.path
        )
    }
}
