/// Transformers for some columns each, side by side.
struct ColumnTransformer: Estimator {
    private struct Part {
        /// nil passes the columns through.
        let estimator: (any Estimator)?
        let columns: [Int]
        let weight: Double
    }

    let name: String
    let width: Int?
    private let parts: [Part]

    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        guard let width = object.fittedWidth ?? object.int("_n_features") else {
            throw object.fault("it does not say how many features it has")
        }
        self.width = width
        let choice = try ColumnChoice(object, width: width)
        let weights = object.dictionary("transformer_weights") ?? []
        var parts: [Part] = []
        for node in try object.items("transformers_") {
            guard let entry = object.graph.sequence(node).map(Array.init), entry.count == 3 else {
                throw object.fault("transformers_", "holds something else than name, transformer and columns")
            }
            if object.graph.isText(entry[1], "drop") { continue }
            let columns = try choice.columns(entry[2])
            try object.builder.spend(elements: columns.count, object)
            // Without columns a transformer has not been fitted.
            guard !columns.isEmpty else { continue }
            var weight = 1.0
            for index in stride(from: 0, to: weights.count, by: 2)
            where object.graph.text(of: weights[index]) == object.graph.text(of: entry[0]) {
                guard let value = object.double(weights[index + 1]), value.isFinite else {
                    throw object.fault("transformer_weights", "holds no number")
                }
                weight = value
            }
            if object.isPassthrough(entry[1]) {
                parts.append(Part(estimator: nil, columns: columns, weight: weight))
                continue
            }
            let estimator = try object.builder.estimator(entry[1])
            guard estimator.methods.contains(.transform), (estimator.width ?? columns.count) == columns.count else {
                throw object.fault("a part of it takes \(estimator.width ?? 0) columns and gets \(columns.count)")
            }
            parts.append(Part(estimator: estimator, columns: columns, weight: weight))
        }
        self.parts = parts
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        var results: [Features] = []
        for part in parts {
            let chosen = x.selecting(part.columns)
            let result = try part.estimator?.transform(chosen) ?? chosen
            results.append(part.weight == 1 ? result : Features(try result.numbers().mapped { $0 * part.weight }))
        }
        return try Features.joining(results, rows: x.rows)
    }
}
