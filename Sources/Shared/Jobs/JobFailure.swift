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
}
