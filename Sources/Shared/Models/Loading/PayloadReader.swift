/// Finds the model in what the pickle holds: an estimator, a dictionary with a model in it, or a tuple.
///
/// The dictionaries are those that training scripts write: a model or several with weights, a scaler that its rows go
/// through first, label encoders, names of the features, and notes that are ignored.
struct PayloadReader {
    private let builder: ModelBuilder
    private var graph: PickleGraph { builder.graph }

    init(_ builder: ModelBuilder) { self.builder = builder }

    /// Keys under which scripts put things, by habit, in the order in which they are looked for.
    private static let modelKeys: [StaticString] = [
        "model", "estimator", "regressor", "classifier", "pipeline", "predictor",
    ]
    private static let scalerKeys: [StaticString] = ["scaler", "preprocessor", "transformer", "feature_scaler"]
    private static let nameKeys: [StaticString] = [
        "features", "feature_names", "feature_columns", "columns", "feature_cols",
    ]
    private static let encoderKeys: [StaticString] = ["label_encoders", "encoders", "label_encoder"]

    func model() throws(ModelRejection) -> LoadedModel {
        switch graph.value(graph.root) {
        case .object: return try finish(graph.root, builder.estimator(graph.root))
        case .dict, .tuple, .list:
            if let sequence = graph.sequence(graph.root) { return try model(inSequence: Array(sequence)) }
            return try model(inDictionary: graph.pairs(graph.root) ?? [])
        default:
            throw ModelRejection(.unsupported, "the file holds \(builder.describe(graph.root)), not a model")
        }
    }

    private func isObject(_ node: Int32) -> Bool {
        if case .object = graph.value(node) { true } else { false }
    }

    // MARK: Tuples

    /// `(model, features)` or `(model, scaler)`, in any order.
    private func model(inSequence items: [Int32]) throws(ModelRejection) -> LoadedModel {
        guard items.count <= 16 else {
            throw ModelRejection(.unsupported, "the file holds a sequence of \(items.count) things")
        }
        var model: (node: Int32, estimator: any Estimator)?
        var scaler: (any Estimator)?
        var names: [String]?
        var encoders: [(String, any Estimator)] = []
        for item in items {
            if isObject(item) {
                let estimator = try builder.estimator(item)
                if estimator.methods.contains(.predict) {
                    guard model == nil else { throw ModelRejection(.unsupported, "the sequence holds several models") }
                    model = (item, estimator)
                } else if estimator is LabelEncoder {
                    encoders.append(("\(encoders.count)", estimator))
                } else {
                    guard scaler == nil else {
                        throw ModelRejection(.unsupported, "the sequence holds several transformers")
                    }
                    scaler = estimator
                }
            } else if names == nil {
                names = self.names(item)
            }
        }
        guard let model else { throw ModelRejection(.unsupported, "no model in the sequence that the file holds") }
        return try finish(model.node, ScaledModel.wrap(model.estimator, scaler), names: names, encoders: encoders)
    }

    // MARK: Dictionaries

    private func model(inDictionary pairs: [Int32]) throws(ModelRejection) -> LoadedModel {
        let names = Self.nameKeys.lazy.compactMap { graph.lookUp($0, in: pairs) }.compactMap(self.names).first
        let scaler = try scaler(pairs)
        let encoders = try encoders(pairs)
        if let blend = try blend(pairs) {
            return try finish(blend.node, ScaledModel.wrap(blend.estimator, scaler), names: names, encoders: encoders)
        }
        for key in Self.modelKeys {
            guard let node = graph.lookUp(key, in: pairs), isObject(node) else { continue }
            let estimator = try builder.estimator(node)
            guard estimator.methods.contains(.predict) else { continue }
            return try finish(node, ScaledModel.wrap(estimator, scaler), names: names, encoders: encoders)
        }
        return try onlyEstimator(pairs, names: names, scaler: scaler, encoders: encoders)
    }

    /// A dictionary with other keys: label encoders by column, or one estimator that predicts.
    private func onlyEstimator(
        _ pairs: [Int32],
        names: [String]?,
        scaler: (any Estimator)?,
        encoders: [(String, any Estimator)]
    ) throws(ModelRejection) -> LoadedModel {
        var models: [(node: Int32, estimator: any Estimator)] = []
        var found: [(String, any Estimator)] = []
        for index in stride(from: 0, to: pairs.count, by: 2) where isObject(pairs[index + 1]) {
            let estimator = try builder.estimator(pairs[index + 1])
            if estimator.methods.contains(.predict) {
                models.append((pairs[index + 1], estimator))
            } else if let key = graph.text(of: pairs[index]), estimator is LabelEncoder {
                found.append((key, estimator))
            }
        }
        if models.count == 1 {
            return try finish(
                models[0].node,
                ScaledModel.wrap(models[0].estimator, scaler),
                names: names,
                encoders: encoders.isEmpty ? found : encoders
            )
        }
        guard models.isEmpty else {
            throw ModelRejection(.unsupported, "the dictionary holds several models under unknown names")
        }
        let all = (found.isEmpty ? encoders : found).sorted { $0.0 < $1.0 }
        guard let first = all.first else {
            throw ModelRejection(.unsupported, "no model in the dictionary that the file holds")
        }
        return LoadedModel(
            task: .encoders,
            estimator: first.1,
            featureCount: nil,
            featureNames: all.map(\.0),
            classes: nil,
            methods: .transform,
            library: library(pairs.count > 1 ? pairs[1] : graph.root),
            encoders: all.map { (name: $0.0, encoder: $0.1) },
            warnings: builder.warnings
        )
    }

    /// `models` with `weights`: the weighted sum of their answers.
    private func blend(_ pairs: [Int32]) throws(ModelRejection) -> (node: Int32, estimator: any Estimator)? {
        guard let node = graph.lookUp("models", in: pairs) else { return nil }
        var parts: [(key: String?, node: Int32)] = []
        if let sequence = graph.sequence(node) {
            parts = sequence.map { item in
                // A list of names with models is as good as a list of models.
                if let pair = graph.tuple(item), pair.count == 2, let last = pair.last, let first = pair.first {
                    return (graph.text(of: first), last)
                }
                return (nil, item)
            }
        } else if let inner = graph.pairs(node) {
            parts = stride(from: 0, to: inner.count, by: 2).map { (graph.text(of: inner[$0]), inner[$0 + 1]) }
        }
        guard let first = parts.first else {
            throw ModelRejection(.unsupported, "'models' is no list or dictionary of models")
        }
        var estimators: [any Estimator] = []
        for part in parts { estimators.append(try builder.estimator(part.node)) }
        let weights = try self.weights(graph.lookUp("weights", in: pairs), parts.map(\.key))
        return (first.node, try WeightedBlend(estimators, weights: weights))
    }

    private func weights(_ node: Int32?, _ keys: [String?]) throws(ModelRejection) -> [Double] {
        guard let node else { return [Double](repeating: 1 / Double(keys.count), count: keys.count) }
        var weights: [Double] = []
        if let pairs = graph.pairs(node) {
            for key in keys {
                let place = stride(from: pairs.count - 2, through: 0, by: -2).first {
                    graph.text(of: pairs[$0]) == key && key != nil
                }
                if let place, let weight = plainNumber(pairs[place + 1]) { weights.append(weight) }
            }
        } else {
            weights = (graph.sequence(node) ?? []).compactMap { plainNumber($0) }
            if weights.isEmpty { weights = try numbers(node) }
        }
        guard weights.count == keys.count, weights.allSatisfy(\.isFinite) else {
            throw ModelRejection(.invalidModel, "'weights' does not have a number for each of the \(keys.count) models")
        }
        return weights
    }

    private func plainNumber(_ node: Int32) -> Double? {
        switch graph.value(node) {
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    private func numbers(_ node: Int32) throws(ModelRejection) -> [Double] {
        guard case .array(let index) = graph.value(node), case .bytes(let range) = graph.arrays[Int(index)].storage,
            graph.arrays[Int(index)].count <= 1000, graph.dataTypes[Int(graph.arrays[Int(index)].type)].kind == .float
        else { return [] }
        return graph.arrays[Int(index)].doubles(graph.dataTypes[Int(graph.arrays[Int(index)].type)], graph.bytes(range))
    }

    private func scaler(_ pairs: [Int32]) throws(ModelRejection) -> (any Estimator)? {
        for key in Self.scalerKeys {
            guard let node = graph.lookUp(key, in: pairs), isObject(node) else { continue }
            let estimator = try builder.estimator(node)
            if estimator.methods.contains(.transform), !(estimator is LabelEncoder) { return estimator }
        }
        return nil
    }

    private func encoders(_ pairs: [Int32]) throws(ModelRejection) -> [(String, any Estimator)] {
        var encoders: [(String, any Estimator)] = []
        for key in Self.encoderKeys {
            guard let node = graph.lookUp(key, in: pairs) else { continue }
            if isObject(node), let estimator = try? builder.estimator(node) {
                encoders.append(("\(key)", estimator))
            } else if let inner = graph.pairs(node) {
                for index in stride(from: 0, to: inner.count, by: 2) where isObject(inner[index + 1]) {
                    guard let name = graph.text(of: inner[index]) else { continue }
                    encoders.append((name, try builder.estimator(inner[index + 1])))
                }
            }
        }
        return encoders.sorted { $0.0 < $1.0 }
    }

    /// A list, tuple or array of texts.
    private func names(_ node: Int32) -> [String]? {
        var items: [Int32] = []
        if let sequence = graph.sequence(node) {
            items = Array(sequence)
        } else if case .array(let index) = graph.value(node), case .objects(let list) = graph.arrays[Int(index)].storage
        {
            items = graph.lists[Int(list)]
        } else if case .array(let index) = graph.value(node), case .bytes(let range) = graph.arrays[Int(index)].storage,
            graph.dataTypes[Int(graph.arrays[Int(index)].type)].kind == .text, graph.arrays[Int(index)].shape.count == 1
        {
            let type = graph.dataTypes[Int(graph.arrays[Int(index)].type)]
            let bytes = graph.bytes(range)
            return (0..<graph.arrays[Int(index)].count).compactMap { place in
                type.text(bytes[(bytes.startIndex + place * type.size)..<(bytes.startIndex + (place + 1) * type.size)])
            }
        }
        guard !items.isEmpty, items.count <= 1 << 20 else { return nil }
        let names = items.compactMap { graph.text(of: $0) }
        return names.count == items.count ? names : nil
    }

    // MARK: The result

    private func library(_ node: Int32) -> String {
        let module: String
        if let object = graph.object(node) {
            module = AllowedGlobal.all[Int(object.global)].module
        } else {
            module = ""
        }
        if module.hasPrefix("xgboost") { return "XGBoost" }
        if module.hasPrefix("lightgbm") { return "LightGBM" }
        return "scikit-learn" + (builder.scikitLearnVersion.map { " " + $0 } ?? "")
    }

    private func finish(
        _ node: Int32,
        _ estimator: any Estimator,
        names: [String]? = nil,
        encoders: [(String, any Estimator)] = []
    ) throws(ModelRejection) -> LoadedModel {
        let task: LoadedModel.Task
        if estimator.name == "IsolationForest" || estimator.methods.contains(.scores) {
            task = .outliers
        } else if !estimator.methods.contains(.predict) {
            task = .transformation
        } else {
            task = estimator.classes == nil ? .regression : .classification
        }
        var featureNames = names
        if let own = try? FittedObject(builder, node), let fitted = try own.featureNames() { featureNames = fitted }
        if featureNames == nil { featureNames = EstimatorNames.of(estimator) }
        var warnings = builder.warnings
        if let width = estimator.width, let count = featureNames?.count, count != width {
            warnings.append("\(count) names of features for \(width) features are not used")
            featureNames = nil
        }
        return LoadedModel(
            task: task,
            estimator: estimator,
            featureCount: estimator.width,
            featureNames: featureNames,
            classes: estimator.classes,
            methods: estimator.methods,
            library: library(node),
            encoders: encoders.map { (name: $0.0, encoder: $0.1) },
            warnings: warnings
        )
    }
}
