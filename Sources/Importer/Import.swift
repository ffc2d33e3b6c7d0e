import Contract
import Models

/// Upload in, report and form out.
enum Import {
    /// The part that is no pickle: what the uploader says of the model.
    private static let metadata = "metadata"

    static func run(_ parts: [ModelForm.Part]) throws(ModelRejection) -> (report: JSONValue, form: [UInt8]) {
        let notes = parts.first { $0.name == metadata }.flatMap { try? JSONParser.parse($0.bytes) } ?? .null
        let sample = try notes["golden_sample"].map { (json) throws(ModelRejection) in try GoldenSample(json) }
        let (form, model) = try ModelForm.make(parts.filter { $0.name != metadata }, limits: limits)
        guard model.methods.contains(.predict) || model.methods.contains(.scores) else {
            throw ModelRejection(.unsupported, "\(model.estimator.name) does not predict: upload it beside a model")
        }
        var description = model.json.object ?? [:]
        // The registry's JSON has no NUL, and no name needs one.
        guard !model.json.text().contains("\\u0000") else {
            throw ModelRejection(.invalidModel, "a name of a feature or a class has a NUL character")
        }
        description["golden_sample"] = sample?.check(model) ?? .null
        return (["description": .object(description)], form)
    }

    static func refusal(_ error: ModelRejection) -> JSONValue {
        [
            "refusal": [
                "reason": .string(error.reason.rawValue), "message": .string(error.message),
                "offset": error.offset.map { .integer(Int64($0)) } ?? .null,
            ]
        ]
    }

    /// Processor time is the kernel's business here.
    private static var limits: ReadingLimits {
        var limits = ReadingLimits()
        limits.duration = nil
        return limits
    }
}
