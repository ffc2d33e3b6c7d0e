/// A neural network of dense layers.
struct MultilayerPerceptron: Estimator {
    private enum Activation: String {
        case identity, logistic, tanh, relu, softmax, exp
    }

    private struct Layer {
        /// Transposed: one row for each output.
        let weights: Matrix
        let offsets: [Double]
        let activation: Activation
    }

    let name: String
    let classes: [Label]?
    private let layers: [Layer]

    var width: Int? { layers[0].weights.columns }
    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let weights = try object.items("coefs_")
        let offsets = try object.items("intercepts_")
        guard let hidden = object.text("activation").flatMap(Activation.init), hidden != .softmax, hidden != .exp,
            let last = object.text("out_activation_").flatMap(Activation.init)
        else { throw object.fault(.unsupported, "its activation is not supported") }
        guard !weights.isEmpty, weights.count == offsets.count else {
            throw object.fault("coefs_", "and intercepts_ differ")
        }
        var layers: [Layer] = []
        for index in weights.indices {
            let array = try NumberArray(weights[index], of: object)
            guard array.shape.count == 2 else { throw object.fault("coefs_", "holds something else than matrices") }
            let matrix = try object.matrix(array, "coefs_")
            let values = try NumberArray(offsets[index], of: object).values
            guard values.count == matrix.columns, values.allSatisfy(\.isFinite), matrix.rows > 0, matrix.columns > 0,
                index == 0 || layers[index - 1].weights.rows == matrix.rows
            else { throw object.fault("its layers do not fit each other") }
            let turned = Matrix(
                rows: matrix.columns,
                columns: matrix.rows,
                values: (0..<matrix.columns).flatMap { matrix.column($0) }
            )
            layers.append(
                Layer(weights: turned, offsets: values, activation: index == weights.count - 1 ? last : hidden)
            )
        }
        guard (object.fittedWidth ?? layers[0].weights.columns) == layers[0].weights.columns else {
            throw object.fault("coefs_", "takes another number of features")
        }
        self.layers = layers
        guard name == "MLPClassifier" else {
            classes = nil
            return
        }
        if (try? object.object("_label_binarizer"))?.text("y_type_")?.hasPrefix("multilabel") == true {
            throw object.fault(.unsupported, "several labels at once are not supported")
        }
        let labels = try object.labels("classes_")
        let outputs = layers[layers.count - 1].weights.rows
        guard outputs == (labels.count == 2 ? 1 : labels.count), labels.count >= 2 else {
            throw object.fault("its last layer has \(outputs) outputs for \(labels.count) classes")
        }
        classes = labels
    }

    private func outputs(_ x: Features) throws(PredictionError) -> Matrix {
        var values = try checked(x)
        for layer in layers {
            values = values.timesTransposed(layer.weights, plus: layer.offsets)
            switch layer.activation {
            case .identity: break
            case .logistic: values = values.mapped(Models.logistic)
            case .tanh: values = values.mapped(hyperbolicTangent)
            case .relu: values = values.mapped { max($0, 0) }
            case .exp: values = values.mapped(exponential)
            case .softmax: values = values.softmax()
            }
        }
        return values
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard classes != nil else { throw .unsupported(method: "predict_proba", estimator: name) }
        let outputs = try outputs(x)
        return outputs.columns == 1 ? outputs.withComplement() : outputs
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let outputs = try outputs(x)
        guard let classes else { return outputs.columns == 1 ? .values(outputs.values) : .rows(outputs) }
        if outputs.columns == 1 { return .labels(outputs.values.map { $0 > 0.5 ? classes[1] : classes[0] }) }
        return labels(ofLargest: outputs, among: classes)
    }
}
