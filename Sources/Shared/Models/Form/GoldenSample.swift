package import Contract

/// Rows with the answers that the model gave where it was trained; a model that answers otherwise here is not used.
package struct GoldenSample: Sendable {
    private let rows: Matrix
    private let expected: [Double]
    private let method: String
    private let relative: Double
    private let absolute: Double

    /// Reads `{"rows": [[…]], "expected": […], "method": "predict", "rtol": 1e-6, "atol": 1e-9}`; `expected` is flat or has
    /// a list for each row.
    ///
    /// - Throws: What is wrong with it, as a refusal of the upload.
    package init(_ json: JSONValue) throws(ModelRejection) {
        let rows = json["rows"]?.array?.map { $0.array?.map { $0.number ?? .nan } }
        guard let rows, !rows.isEmpty, rows.count <= 10_000, let width = rows[0]?.count, width > 0,
            rows.allSatisfy({ $0?.count == width })
        else { throw Self.fault("rows are lists of numbers, all of one length") }
        self.rows = Matrix(rows: rows.count, columns: width, values: rows.flatMap { $0 ?? [] })
        let answers = json["expected"]?.array ?? []
        let flat = answers.flatMap { $0.array ?? [$0] }.map(\.number)
        guard !flat.isEmpty, flat.allSatisfy({ $0 != nil }) else { throw Self.fault("expected are numbers") }
        expected = flat.compactMap { $0 }
        method = json["method"]?.string ?? "predict"
        relative = json["rtol"]?.number ?? 1e-6
        absolute = json["atol"]?.number ?? 1e-9
        guard relative >= 0, relative <= 0.1, absolute >= 0, absolute.isFinite else {
            throw Self.fault("rtol is 0 to 0.1 and atol is not negative")
        }
    }

    /// Asks the model, and tells how far its answers are from the expected ones.
    package func check(_ model: LoadedModel) -> JSONValue {
        let answers: [Double]
        do {
            answers = try self.answers(model)
        } catch {
            return ["passed": false, "rows": .integer(Int64(rows.rows)), "message": .string(error.message)]
        }
        guard answers.count == expected.count else {
            return [
                "passed": false, "rows": .integer(Int64(rows.rows)),
                "message": .string("it gives \(answers.count) numbers, \(expected.count) were expected"),
            ]
        }
        var worst = 0.0
        for (answer, wanted) in zip(answers, expected) where answer != wanted {
            let excess = (answer - wanted).magnitude / (absolute + relative * wanted.magnitude)
            worst = excess.isNaN ? .infinity : max(worst, excess)
        }
        return [
            "passed": .bool(worst <= 1), "rows": .integer(Int64(rows.rows)), "method": .string(method),
            "worst_of_tolerance": worst.isFinite ? .rounded(worst, 6) : .null,
            "message": .optional(
                worst <= 1 ? nil : "an answer is \(worst.isFinite ? "\(worst)" : "many") times the tolerance away"
            ),
        ]
    }

    private func answers(_ model: LoadedModel) throws(PredictionError) -> [Double] {
        let features = Features(rows)
        switch method {
        case "predict":
            guard let matrix = try model.estimator.predict(features).matrix else {
                throw .other("labels that are texts cannot be compared; use predict_proba")
            }
            return matrix.values
        case "predict_proba": return try model.estimator.probabilities(features).values
        case "decision_function": return try model.estimator.decision(features).values
        default: throw .unsupported(method: method, estimator: model.estimator.name)
        }
    }

    private static func fault(_ message: String) -> ModelRejection {
        ModelRejection(.invalidModel, "metadata.golden_sample: \(message)")
    }
}
