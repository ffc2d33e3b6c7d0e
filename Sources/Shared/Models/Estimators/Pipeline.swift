/// Steps after each other; the last one answers.
struct Pipeline: Estimator {
    let name: String
    private let steps: [any Estimator]
    private let last: (any Estimator)?

    var width: Int? { steps.first?.width ?? last?.width }
    var classes: [Label]? { last?.classes }

    var methods: EstimatorMethods {
        guard let last else { return .transform }
        return steps.allSatisfy { $0.methods.contains(.inverse) } ? last.methods : last.methods.subtracting(.inverse)
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        var steps: [any Estimator] = []
        var last: (any Estimator)?
        let nodes = try object.items("steps")
        guard !nodes.isEmpty else { throw object.fault("steps", "is empty") }
        for (index, node) in nodes.enumerated() {
            guard let pair = object.graph.tuple(node).map(Array.init), pair.count == 2 else {
                throw object.fault("steps", "holds something else than names with estimators")
            }
            if object.isPassthrough(pair[1]) { continue }
            let step = try object.builder.estimator(pair[1])
            if index < nodes.count - 1 {
                guard step.methods.contains(.transform) else {
                    throw object.fault("a step before the last does not transform")
                }
                steps.append(step)
            } else {
                last = step
            }
        }
        self.steps = steps
        self.last = last
    }

    private func prepared(_ x: Features) throws(PredictionError) -> Features {
        var x = x
        for step in steps { x = try step.transform(x) }
        return x
    }

    private func answering(_ method: String) throws(PredictionError) -> any Estimator {
        guard let last else { throw .unsupported(method: method, estimator: name) }
        return last
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer { try answering("predict").predict(prepared(x)) }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        try answering("predict_proba").probabilities(prepared(x))
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        try answering("decision_function").decision(prepared(x))
    }

    func scores(_ x: Features) throws(PredictionError) -> Matrix { try answering("score_samples").scores(prepared(x)) }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        let prepared = try prepared(x)
        guard let last else { return prepared }
        return try last.transform(prepared)
    }

    func inverse(_ x: Matrix) throws(PredictionError) -> Matrix {
        var x = try last?.inverse(x) ?? x
        for step in steps.reversed() { x = try step.inverse(x) }
        return x
    }
}

extension FittedObject {
    /// A step that does nothing: None or 'passthrough'.
    func isPassthrough(_ node: Int32) -> Bool {
        if case .none = graph.value(node) { return true }
        return graph.isText(node, "passthrough")
    }
}
