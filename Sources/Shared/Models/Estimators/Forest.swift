/// Decision trees, random forests and extremely randomised ones: the mean over the trees of what their leaves say.
struct Forest: Estimator {
    let name: String
    let classes: [Label]?
    private let ensemble: TreeEnsemble
    private let features: Int
    private let outputs: Int
    private let allowsMissing: Bool

    var width: Int? { features }
    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let isClassifier = name.hasSuffix("Classifier")
        let classes = isClassifier ? try Self.classes(object) : nil
        self.classes = classes
        let isSingle = name.hasPrefix("DecisionTree") || name.hasPrefix("ExtraTree") && !name.hasPrefix("ExtraTrees")
        let trees = try Self.trees(object, isSingle: isSingle)
        let first = try TreeReader(trees[0].object("tree_"))
        features = first.features
        guard (object.fittedWidth ?? features) == features else {
            throw object.fault("its trees have \(features) features, it says \(object.fittedWidth ?? 0)")
        }
        outputs = classes?.count ?? first.outputs
        var form = TreeForm(
            features: features,
            outputs: outputs,
            vectorLeaves: outputs > 1,
            precision: .float,
            comparison: .atMost
        )
        form.childrenFollow = true
        var builder = try object.adding { [form] () throws(ModelRejection) in
            try TreeEnsembleBuilder(form, limits: TreeLimits(object.builder.limits))
        }
        for (number, tree) in trees.enumerated() {
            let reader = number == 0 ? first : try TreeReader(tree.object("tree_"))
            guard reader.features == features else {
                throw object.fault("its trees differ in their number of features")
            }
            var nodes = reader.nodes
            if let classes {
                guard reader.outputs == 1, reader.width == classes.count else {
                    throw object.fault(
                        "a tree of \(reader.width) classes and \(reader.outputs) outputs for \(classes.count) classes"
                    )
                }
                nodes.values = reader.classFractions()
            } else {
                guard reader.outputs == outputs else {
                    throw object.fault("its trees differ in their number of outputs")
                }
                nodes.values = reader.regressionValues()
            }
            try object.adding { () throws(ModelRejection) in try builder.add(nodes) }
        }
        ensemble = builder.finish()
        allowsMissing = Self.allowsMissing(object, trees[0], isSingle: isSingle, knowsMissing: first.knowsMissing)
    }

    /// The trees of a forest, or the one that the object is itself.
    private static func trees(_ object: FittedObject, isSingle: Bool) throws(ModelRejection) -> [FittedObject] {
        if isSingle { return [object] }
        var trees: [FittedObject] = []
        for node in try object.items("estimators_") { trees.append(try FittedObject(object.builder, node)) }
        guard !trees.isEmpty else { throw object.fault("estimators_", "is empty") }
        return trees
    }

    private static func classes(_ object: FittedObject) throws(ModelRejection) -> [Label] {
        if let outputs = object.int("n_outputs_"), outputs != 1 {
            throw object.fault(.unsupported, "a classifier of several outputs is not supported")
        }
        let classes = try object.labels("classes_")
        guard !classes.isEmpty else { throw object.fault("classes_", "is empty") }
        return classes
    }

    /// scikit-learn takes missing values in trees from 1.3, in random forests from 1.4, in randomised splits from 1.6; and
    /// never with the absolute error or monotonic constraints.
    private static func allowsMissing(
        _ object: FittedObject,
        _ tree: FittedObject,
        isSingle: Bool,
        knowsMissing: Bool
    ) -> Bool {
        guard knowsMissing else { return false }
        let version = object.minorVersion
        let since = (tree.text("splitter") ?? "best") == "random" ? 106 : isSingle ? 103 : 104
        if version > 0, version < since { return false }
        let criterion = tree.text("criterion") ?? object.text("criterion") ?? ""
        return criterion != "absolute_error" && criterion != "mae" && !tree.has("monotonic_cst")
            && !object.has("monotonic_cst")
    }

    private func means(_ x: Features) throws(PredictionError) -> Matrix {
        let rows = try checked(x, allowsMissing: allowsMissing, isFloat32: true)
        var sums = ensemble.sums(rows, from: [Double](repeating: 0, count: outputs))
        let count = Double(ensemble.trees)
        if count > 1 { for index in sums.values.indices { sums.values[index] /= count } }
        return sums
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "predict_proba", estimator: name) }
        return try means(x)
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let means = try means(x)
        if let classes { return labels(ofLargest: means, among: classes) }
        return outputs == 1 ? .values(means.values) : .rows(means)
    }
}
