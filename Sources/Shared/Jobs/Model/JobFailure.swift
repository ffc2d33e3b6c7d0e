import FoundationEssentials

/// What went wrong, in the words a caller sees.
///
/// Stored as JSON beside the job.
package struct JobFailure: Error, Sendable, Equatable, Codable {
    package let code: String
    package let message: String
    package let field: String?
    package let hint: String?

    package init(code: String, message: String, field: String? = nil, hint: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
        self.hint = hint
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Four optional strings always encode; an empty object would still be valid JSON.
        guard let bytes = try? encoder.encode(self) else { return "{}" }
        return String(decoding: bytes, as: UTF8.self)
    }

    init(json: String) {
        let decoded = try? JSONDecoder().decode(JobFailure.self, from: Data(json.utf8))
        self = decoded ?? JobFailure(code: "unknown", message: json)
    }

    /// Ended because its deadline had passed.
    package static let deadlineExceeded = JobFailure(
        code: "deadline_exceeded",
        message: "the deadline passed before the job had ended",
        hint: "Send it again with a later deadline, or none."
    )
    /// Ended because somebody asked for it.
    package static let cancelled = JobFailure(code: "cancelled", message: "the job was cancelled")
    /// Ended because the processes that ran it died.
    package static let poison = JobFailure(
        code: "poison",
        message: "the processes that ran this job died again and again; it is kept aside and not tried any more",
        hint: "Find the cause in the workers' logs; then 'cloudoptim dead redrive' runs it again."
    )
}
