/// Turns objects of a pickle into estimators, and keeps count of what that costs.
///
/// The second of the two stages: whatever comes out has been found consistent.
final class ModelBuilder {
    let graph: PickleGraph
    let limits: ReadingLimits
    private let deadline: ContinuousClock.Instant?
    /// Objects that are being built, outermost first: one of them inside of itself is a cycle.
    private var path: [Int32] = []
    private var estimators = 0
    private var elements = 0
    var trees = 0
    var treeNodes = 0
    /// What the file says that does not hinder its use.
    var warnings: [String] = []
    /// `_sklearn_version` of the outermost estimator that has one.
    var scikitLearnVersion: String?

    init(graph: PickleGraph, limits: ReadingLimits, deadline: ContinuousClock.Instant? = nil) {
        self.graph = graph
        self.deadline = deadline
        self.limits = limits
    }

    /// Reads the estimator at a node.
    func estimator(_ node: Int32) throws(ModelRejection) -> any Estimator {
        let object = try FittedObject(self, node)
        guard case .object(let index) = graph.value(node) else {
            throw ModelRejection(.unsupported, "\(describe(node)) is no estimator")
        }
        guard !path.contains(index) else { throw object.fault("it contains itself") }
        guard path.count < limits.estimatorDepth else {
            throw object.fault(.limit, "more than \(limits.estimatorDepth) estimators in each other")
        }
        estimators += 1
        guard estimators <= limits.estimators else {
            throw object.fault(.limit, "more than \(limits.estimators) estimators")
        }
        try checkTime(object)
        path.append(index)
        defer { path.removeLast() }
        if scikitLearnVersion == nil { scikitLearnVersion = object.text("_sklearn_version").map { Excerpt.of($0) } }
        guard let estimator = try EstimatorKinds.read(object) else {
            throw object.fault(.unsupported, "it is no model or transformer that is supported")
        }
        return estimator
    }

    /// Notes that so many numbers are taken out of an array.
    func spend(elements count: Int, _ object: FittedObject) throws(ModelRejection) {
        let (sum, overflow) = elements.addingReportingOverflow(count)
        elements = sum
        try checkTime(object)
        guard !overflow, elements <= limits.decodedElements else {
            throw object.fault(.limit, "its arrays have more than \(limits.decodedElements) numbers in all")
        }
    }

    private func checkTime(_ object: FittedObject) throws(ModelRejection) {
        if let deadline, ContinuousClock.now > deadline {
            throw object.fault(.limit, "reading the model takes too long")
        }
    }

    /// What a node is, in a few words.
    func describe(_ node: Int32) -> String {
        switch graph.value(node) {
        case .none: "None"
        case .bool: "a truth value"
        case .int, .bigInt: "an integer"
        case .float: "a number"
        case .bytes: "bytes"
        case .text: "a text"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dict: "a dictionary"
        case .set: "a set"
        case .global(let place): AllowedGlobal.all[Int(place)].fullName
        case .object(let index): AllowedGlobal.all[Int(graph.objects[Int(index)].global)].fullName
        case .array: "an array"
        case .dataType: "a data type"
        }
    }
}
