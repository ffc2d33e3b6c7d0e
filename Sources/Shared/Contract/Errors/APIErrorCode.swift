extension APIError {
    /// The closed set of codes a caller can meet, each with its status.
    package enum Code: String, Sendable, CaseIterable {
        case malformedJSON = "malformed_json"
        case unreadableBody = "unreadable_body"
        case missingCredentials = "missing_credentials"
        case invalidCredentials = "invalid_credentials"
        case forbidden = "forbidden"
        case notFound = "not_found"
        case jobNotFound = "job_not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict = "conflict"
        case gone = "gone"
        case payloadTooLarge = "payload_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case missingField = "missing_field"
        case wrongType = "wrong_type"
        case invalidValue = "invalid_value"
        /// An upload that is no model we run.
        case invalidModel = "invalid_model"
        case unknownRegion = "unknown_region"
        case malformedID = "malformed_id"
        case tooManyRequests = "too_many_requests"
        case internalError = "internal_error"
        case unavailable = "unavailable"
        case timeout = "timeout"

        /// The HTTP status this code travels under.
        package var status: Int {
            switch self {
            case .malformedJSON, .unreadableBody: 400
            case .missingCredentials, .invalidCredentials: 401
            case .forbidden: 403
            case .notFound, .jobNotFound: 404
            case .methodNotAllowed: 405
            case .conflict: 409
            case .gone: 410
            case .payloadTooLarge: 413
            case .unsupportedMediaType: 415
            case .missingField, .wrongType, .invalidValue, .invalidModel, .unknownRegion, .malformedID: 422
            case .tooManyRequests: 429
            case .internalError: 500
            case .unavailable: 503
            case .timeout: 504
            }
        }

        /// What to do when the place that throws knows nothing better.
        package var defaultHint: String {
            switch self {
            case .malformedJSON: "Send one JSON document encoded as UTF-8."
            case .unreadableBody: "Send the body whole, with a matching Content-Length and Content-Encoding."
            case .missingCredentials: "Send the key as 'X-API-Key: KEY' or 'Authorization: Bearer KEY'."
            case .invalidCredentials: "Check the key; an operator creates one with 'cloudoptim keys create'."
            case .forbidden: "Use a key that has been granted this action."
            case .notFound: "Check the path; all routes are listed at /api/v1/ml/openapi.json."
            case .jobNotFound: "Check the job id; finished jobs are removed after their retention time."
            case .methodNotAllowed: "Use one of the methods in the Allow header."
            case .conflict: "Read the current state and try again."
            case .gone: "It was kept for a time that is over; ask anew."
            case .payloadTooLarge: "Send less, or raise MAX_BODY_MB on the server."
            case .unsupportedMediaType: "Send 'Content-Type: application/json'."
            case .missingField: "Add the field."
            case .wrongType: "Send the field in the documented type."
            case .invalidValue: "Send a value in the documented range."
            case .invalidModel: "docs/model-hosting.md lists what is read; nothing of the upload was kept."
            case .unknownRegion: "Name a region of the loaded Spot Advisor feed, such as us-east-1."
            case .malformedID: "An id is a UUID such as 0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e."
            case .tooManyRequests: "Wait for the time in the Retry-After header."
            case .internalError: "Try again; if it persists, give the request_id to the operator."
            case .unavailable: "Try again shortly; /api/v1/ml/health says what is missing."
            case .timeout: "Follow the Location header, or send 'Prefer: respond-async'."
            }
        }
    }
}
