/// An estimator on top of what others answer.
struct Stacking: Estimator {
    private enum Method {
        case predict, probabilities, decision
    }

    let name: String
    let classes: [Label]?
    private let parts: [(estimator: any Estimator, method: Method)]
    private let last: any Estimator
    private let passesThrough: Bool

    var width: Int? { parts[0].estimator.width }

    var methods: EstimatorMethods {
        last.methods.intersection([.predict, .probabilities, .decision]).union(.transform)
    }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let estimators = try object.estimators("estimators_")
        var names = try object.items("stack_method_").map { object.graph.text(of: $0) ?? "" }
        if names.count > estimators.count { names = names.filter { !$0.isEmpty } }
        guard names.count == estimators.count else {
            throw object.fault("stack_method_", "does not fit its estimators")
        }
        var parts: [(any Estimator, Method)] = []
        for (estimator, name) in zip(estimators, names) {
            let (method, needed): (Method, EstimatorMethods) =
                switch name {
                case "predict_proba": (.probabilities, .probabilities)
                case "decision_function": (.decision, .decision)
                default: (.predict, .predict)
                }
            guard estimator.methods.contains(needed) else { throw object.fault("\(estimator.name) has no \(name)") }
            parts.append((estimator, method))
        }
        self.parts = parts
        last = try object.estimator("final_estimator_")
        guard last.methods.contains(.predict) else { throw object.fault("final_estimator_", "does not predict") }
        passesThrough = object.bool("passthrough") ?? false
        guard name == "StackingClassifier" else {
            classes = nil
            return
        }
        let labels =
            try object.has("classes_") ? object.labels("classes_") : object.object("_label_encoder").labels("classes_")
        guard last.classes?.count == labels.count else { throw object.fault("final_estimator_", "has other classes") }
        classes = labels
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        var columns: [Features] = []
        for part in parts {
            switch part.method {
            case .decision: columns.append(Features(try part.estimator.decision(x)))
            case .probabilities:
                let all = Features(try part.estimator.probabilities(x))
                // Of two columns that add up to one, the second says it all.
                columns.append(all.columns == 2 ? all.selecting([1]) : all)
            case .predict:
                guard let matrix = try part.estimator.predict(x).matrix else {
                    throw .other("\(part.estimator.name) gives no numbers")
                }
                columns.append(Features(matrix))
            }
        }
        if passesThrough { columns.append(x) }
        return try Features.joining(columns, rows: x.rows)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let answer = try last.predict(transform(x))
        guard let classes, case .labels(let places) = answer else { return answer }
        var labels: [Label] = []
        for place in places {
            // The last estimator was fitted on the places of the classes.
            guard let number = place.number, let index = Int(exactly: number), classes.indices.contains(index) else {
                throw .other("\(last.name) answers a class that is not there")
            }
            labels.append(classes[index])
        }
        return .labels(labels)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix { try last.probabilities(transform(x)) }

    func decision(_ x: Features) throws(PredictionError) -> Matrix { try last.decision(transform(x)) }
}
