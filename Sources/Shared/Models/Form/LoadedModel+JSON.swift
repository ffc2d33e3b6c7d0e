package import Contract

extension LoadedModel {
    /// What the registry keeps and shows of a model.
    package var json: JSONValue {
        [
            "task": .string(task.rawValue), "estimator": .string(estimator.name), "library": .string(library),
            "feature_count": featureCount.map { .integer(Int64($0)) } ?? .null,
            "feature_names": featureNames.map { .array($0.map(JSONValue.string)) } ?? .null,
            "classes": classes.map { .array($0.map(\.json)) } ?? .null,
            "methods": .array(methods.names.map(JSONValue.string)),
            "encoders": .array(encoders.map { .string($0.name) }),
            "warnings": .array(warnings.map(JSONValue.string)),
        ]
    }
}

extension Label {
    package var json: JSONValue {
        switch self {
        case .int(let value): .integer(value)
        case .number(let value): .double(value)
        case .bool(let value): .bool(value)
        case .text(let value): .string(value)
        }
    }
}

extension EstimatorMethods {
    /// As Python calls them.
    package var names: [String] {
        [
            (EstimatorMethods.predict, "predict"), (.probabilities, "predict_proba"), (.decision, "decision_function"),
            (.transform, "transform"), (.scores, "score_samples"),
        ].filter { contains($0.0) }.map(\.1)
    }
}
