/// Gradient boosting: an initial prediction plus the learning rate times the leaves of all trees, stage by stage.
struct GradientBoosting: Estimator {
    /// What the sums begin with.
    private enum Start {
        case constant([Double])
        /// Another estimator's prediction, and for classifiers how a probability becomes a score.
        case estimator(any Estimator)
    }

    /// How a classifier's scores are linked.
    private enum Link {
        case identity, logit, halfLogit, softmax
    }

    let name: String
    let classes: [Label]?
    private let ensemble: TreeEnsemble
    private let start: Start
    private let link: Link
    /// Probabilities are clipped by it before their logarithm is taken.
    private let epsilon: Double
    /// From 1.4 the scores of several classes begin with logarithms around their mean.
    private let isCentered: Bool

    var width: Int? { ensemble.features }
    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities, .decision] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let isClassifier = name.hasSuffix("Classifier")
        let classes = isClassifier ? try object.labels("classes_") : nil
        self.classes = classes
        let graph = object.graph
        guard case .array(let index) = graph.value(try object.required("estimators_")),
            case .objects(let list) = graph.arrays[Int(index)].storage, graph.arrays[Int(index)].shape.count == 2
        else { throw object.fault("estimators_", "is no table of trees") }
        let table = graph.arrays[Int(index)]
        let columns = table.shape[1]
        guard table.shape[0] > 0, columns == (classes.map { $0.count == 2 ? 1 : $0.count } ?? 1), classes?.count != 1
        else {
            throw object.fault("estimators_", "has \(columns) columns for \(classes?.count ?? 0) classes")
        }
        let rate = try object.number("learning_rate")
        let trees = table.inRowOrder(graph.lists[Int(list)])
        var builder: TreeEnsembleBuilder?
        for (number, node) in trees.enumerated() {
            let reader = try TreeReader(FittedObject(object.builder, node).object("tree_"))
            guard reader.outputs == 1, reader.width == 1 else { throw object.fault("its trees have several outputs") }
            if builder == nil {
                let form = TreeForm(features: reader.features, outputs: columns, precision: .float, comparison: .atMost)
                builder = try object.adding { () throws(ModelRejection) in
                    try TreeEnsembleBuilder(form, limits: TreeLimits(object.builder.limits))
                }
            }
            var nodes = reader.nodes
            nodes.values = reader.values.map { $0 * rate }
            nodes.output = number % columns
            guard reader.features == (object.fittedWidth ?? reader.features) else {
                throw object.fault("its trees have \(reader.features) features, it says \(object.fittedWidth ?? 0)")
            }
            try object.adding { () throws(ModelRejection) in try builder?.add(nodes) }
        }
        guard let ensemble = builder?.finish() else { throw object.fault("estimators_", "is empty") }
        self.ensemble = ensemble

        // The loss's class tells the two generations apart, whatever the version says.
        let isOld = (object.className("_loss") ?? object.className("loss_"))?.module.hasSuffix("_gb_losses") == true
        isCentered = !isOld
        epsilon = isOld ? Double(Float.ulpOfOne) : Double.ulpOfOne
        if let classes {
            link = classes.count > 2 ? .softmax : object.text("loss") == "exponential" ? .halfLogit : .logit
        } else {
            link = .identity
        }
        start = try Self.start(object, columns: columns)
    }

    private static func start(_ object: FittedObject, columns: Int) throws(ModelRejection) -> Start {
        if object.text("init_") == "zero" || object.text("init") == "zero" && !object.has("init_") {
            return .constant([Double](repeating: 0, count: columns))
        }
        return .estimator(try object.estimator("init_"))
    }

    /// The initial scores, one column for each of the ensemble's.
    private func initial(_ x: Features) throws(PredictionError) -> Matrix {
        let columns = ensemble.outputs
        switch start {
        case .constant(let values):
            return Matrix(rows: x.rows, columns: columns, values: (0..<x.rows).flatMap { _ in values })
        case .estimator(let estimator):
            guard classes != nil else {
                let answer: Answer
                if let linear = estimator as? LinearRegressor {
                    answer = try linear.predict(single: x.numbers())
                } else {
                    answer = try estimator.predict(x)
                }
                guard let values = answer.matrix, values.columns == 1
                else {
                    throw .other("\(estimator.name) does not give \(name) one initial value for each row")
                }
                return values
            }
            let probabilities = try estimator.probabilities(x)
            guard probabilities.columns == max(columns, 2) else {
                throw .other("\(estimator.name) does not give \(name) a probability for each class")
            }
            return scores(of: probabilities.mapped { min(max($0, epsilon), 1 - epsilon) })
        }
    }

    private func scores(of probabilities: Matrix) -> Matrix {
        switch link {
        case .identity: return probabilities
        case .logit, .halfLogit:
            let factor = link == .halfLogit ? 0.5 : 1
            let values = probabilities.column(1).map { factor * logarithm($0 / (1 - $0)) }
            return Matrix(rows: values.count, columns: 1, values: values)
        case .softmax:
            var result = probabilities.mapped(logarithm)
            guard isCentered else { return result }
            for row in 0..<result.rows {
                let range = row * result.columns..<(row + 1) * result.columns
                let mean = result.values[range].reduce(0, +) / Double(result.columns)
                for index in range { result.values[index] -= mean }
            }
            return result
        }
    }

    private func raw(_ x: Features) throws(PredictionError) -> Matrix {
        let rows = try checked(x, isFloat32: true)
        // The trees' input is rounded to 32 bits, and so is what the initial estimator gets.
        let rounded = Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.map { Double(Float($0)) })
        var sums = try initial(Features(rounded))
        ensemble.add(rows, to: &sums)
        return sums
    }

    func decision(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "decision_function", estimator: name) }
        return try raw(x)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        let scores = try decision(x)
        switch link {
        case .softmax: return scores.softmax()
        case .halfLogit: return scores.mapped { logistic(2 * $0) }.withComplement()
        case .logit, .identity: return scores.mapped(logistic).withComplement()
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let scores = try raw(x)
        guard let classes else { return .values(scores.values) }
        if scores.columns > 1 { return labels(ofLargest: scores, among: classes) }
        return .labels(scores.values.map { $0 > 0 || (isCentered && $0 == 0) ? classes[1] : classes[0] })
    }
}
