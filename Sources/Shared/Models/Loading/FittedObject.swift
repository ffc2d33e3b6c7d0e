/// An object of the pickle while an estimator is read out of it: its attributes by name.
struct FittedObject {
    let builder: ModelBuilder
    let global: AllowedGlobal
    let offset: Int
    let node: Int32
    private let pairs: [Int32]
    private let arguments: Int32

    var graph: PickleGraph { builder.graph }
    var name: String { global.name }

    /// - Throws: for what is no object of a class.
    init(_ builder: ModelBuilder, _ node: Int32) throws(ModelRejection) {
        let graph = builder.graph
        guard let object = graph.object(node) else {
            throw ModelRejection(.unsupported, "\(builder.describe(node)) stands where an estimator belongs")
        }
        self.builder = builder
        self.node = node
        global = AllowedGlobal.all[Int(object.global)]
        offset = Int(object.offset)
        arguments = object.arguments
        var pairs: [Int32] = []
        if object.state >= 0 {
            if let slots = graph.tuple(object.state) {
                for part in slots { pairs += graph.pairs(part) ?? [] }
            } else {
                pairs = graph.pairs(object.state) ?? []
            }
        }
        self.pairs = pairs
    }

    // MARK: Faults

    func fault(_ message: String) -> ModelRejection { fault(.invalidModel, message) }

    func fault(_ reason: ModelRejection.Reason, _ message: String) -> ModelRejection {
        ModelRejection(reason, "\(global.fullName): \(message)", at: offset)
    }

    func fault(_ key: StaticString, _ message: String) -> ModelRejection { fault("\(key) \(message)") }

    // MARK: Attributes

    /// The attribute, None included; nil when the file has none of that name.
    func raw(_ key: StaticString) -> Int32? { graph.lookUp(key, in: pairs) }

    /// The attribute; nil as well when it is None.
    func optional(_ key: StaticString) -> Int32? {
        guard let node = raw(key) else { return nil }
        if case .none = graph.value(node) { return nil }
        return node
    }

    func required(_ key: StaticString) throws(ModelRejection) -> Int32 {
        guard let node = optional(key) else { throw fault(key, "is missing: it has not been fitted") }
        return node
    }

    func has(_ key: StaticString) -> Bool { optional(key) != nil }

    /// The arguments that the object was made with.
    var constructorArguments: [Int32] { graph.tuple(arguments).map(Array.init) ?? [] }

    func text(_ key: StaticString) -> String? { optional(key).flatMap { graph.text(of: $0) } }

    func bool(_ key: StaticString) -> Bool? {
        switch optional(key).map(graph.value) {
        case .bool(let value): value
        case .int(let value): value != 0
        default: nil
        }
    }

    func int(_ key: StaticString) -> Int? {
        switch optional(key).map(graph.value) {
        case .int(let value): Int(value)
        case .bool(let value): value ? 1 : 0
        case .float(let value): Int(exactly: value)
        default: nil
        }
    }

    func double(_ key: StaticString) -> Double? { optional(key).flatMap { double($0) } }

    /// A plain number, or an array of one.
    func double(_ node: Int32) -> Double? {
        switch graph.value(node) {
        case .int(let value): Double(value)
        case .float(let value): value
        case .bool(let value): value ? 1 : 0
        case .array: (try? NumberArray(node, of: self)).flatMap { $0.values.count == 1 ? $0.values[0] : nil }
        default: nil
        }
    }

    /// A finite number that has to be there.
    func number(_ key: StaticString) throws(ModelRejection) -> Double {
        guard let value = double(key), value.isFinite else { throw fault(key, "is no finite number") }
        return value
    }

    /// The items of a list, a tuple or an array of objects of one dimension.
    func items(_ key: StaticString) throws(ModelRejection) -> [Int32] {
        let node = try required(key)
        if let sequence = graph.sequence(node) { return Array(sequence) }
        if case .array(let index) = graph.value(node), case .objects(let list) = graph.arrays[Int(index)].storage {
            return graph.lists[Int(list)]
        }
        throw fault(key, "is no list")
    }

    /// Keys and values of a dictionary by turns.
    func dictionary(_ key: StaticString) -> [Int32]? { optional(key).flatMap { graph.pairs($0) } }

    // MARK: Parts

    func estimator(_ key: StaticString) throws(ModelRejection) -> any Estimator {
        try builder.estimator(try required(key))
    }

    func estimators(_ key: StaticString) throws(ModelRejection) -> [any Estimator] {
        var estimators: [any Estimator] = []
        for node in try items(key) { estimators.append(try builder.estimator(node)) }
        guard !estimators.isEmpty else { throw fault(key, "is empty") }
        return estimators
    }

    func object(_ key: StaticString) throws(ModelRejection) -> FittedObject {
        try FittedObject(builder, try required(key))
    }

    /// The class name of an object attribute whose content is not read.
    func className(_ key: StaticString) -> AllowedGlobal? {
        guard let node = optional(key) else { return nil }
        switch graph.value(node) {
        case .object(let index): return AllowedGlobal.all[Int(graph.objects[Int(index)].global)]
        case .global(let place): return AllowedGlobal.all[Int(place)]
        default: return nil
        }
    }

    /// Columns at fitting; nil where the file does not say.
    var fittedWidth: Int? {
        for count in [int("n_features_in_"), int("n_features_")] {
            if let count, count > 0, count <= Features.maxColumns { return count }
        }
        return nil
    }

    /// Names of the columns, of models that were fitted on a table with names.
    func featureNames() throws(ModelRejection) -> [String]? {
        guard let node = optional("feature_names_in_"), case .array(let index) = graph.value(node),
            case .objects(let list) = graph.arrays[Int(index)].storage
        else { return nil }
        try builder.spend(elements: graph.lists[Int(list)].count, self)
        var names: [String] = []
        for item in graph.lists[Int(list)] {
            guard case .text(let range) = graph.value(item) else { return nil }
            try builder.spend(elements: Int(range.count) / 8, self)
            names.append(graph.text(range))
        }
        return names.count == graph.lists[Int(list)].count ? names : nil
    }

    /// The version of scikit-learn that wrote the object, as major * 100 + minor; 0 where it does not say.
    var minorVersion: Int {
        guard let parts = text("_sklearn_version")?.split(separator: "."), parts.count >= 2,
            let major = Int(parts[0]), let minor = Int(parts[1]), (0..<100).contains(minor), (0..<100).contains(major)
        else { return 0 }
        return major * 100 + minor
    }
}
