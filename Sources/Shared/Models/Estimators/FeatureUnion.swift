/// Several transformers on the same rows, side by side.
struct FeatureUnion: Estimator {
    let name: String
    private let parts: [(estimator: (any Estimator)?, weight: Double)]

    var width: Int? { parts.lazy.compactMap { $0.estimator?.width }.first }
    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let weights = object.dictionary("transformer_weights") ?? []
        var parts: [(estimator: (any Estimator)?, weight: Double)] = []
        for node in try object.items("transformer_list") {
            guard let pair = object.graph.sequence(node).map(Array.init), pair.count == 2,
                let partName = object.graph.text(of: pair[0])
            else { throw object.fault("transformer_list", "holds something else than names with estimators") }
            if object.graph.isText(pair[1], "drop") { continue }
            var weight = 1.0
            for index in stride(from: 0, to: weights.count, by: 2)
            where object.graph.text(of: weights[index]) == partName {
                guard let value = object.double(weights[index + 1]), value.isFinite else {
                    throw object.fault("transformer_weights", "holds no number")
                }
                weight = value
            }
            if case .none = object.graph.value(pair[1]) { continue }
            if object.isPassthrough(pair[1]) {
                parts.append((nil, weight))
                continue
            }
            let part = try object.builder.estimator(pair[1])
            guard part.methods.contains(.transform) else { throw object.fault("a part of it does not transform") }
            parts.append((part, weight))
        }
        self.parts = parts
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var results: [Features] = []
        for part in parts {
            let result = try part.estimator?.transform(x) ?? x
            results.append(part.weight == 1 ? result : Features(try result.numbers().mapped { $0 * part.weight }))
        }
        return try Features.joining(results, rows: x.rows)
    }
}
