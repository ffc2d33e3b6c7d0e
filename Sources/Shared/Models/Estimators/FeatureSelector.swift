/// `VarianceThreshold` and `SelectKBest`: some of the columns.
struct FeatureSelector: Estimator {
    let name: String
    let width: Int?
    private let chosen: [Int]
    private let allowsMissing: Bool

    var methods: EstimatorMethods { .transform }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        allowsMissing = name == "VarianceThreshold"
        let values = try object.looseVector(allowsMissing ? "variances_" : "scores_")
        guard !values.isEmpty, (object.fittedWidth ?? values.count) == values.count else {
            throw object.fault("it has \(values.count) numbers for \(object.fittedWidth ?? 0) features")
        }
        width = values.count
        if allowsMissing {
            let threshold = object.double("threshold") ?? 0
            chosen = values.indices.filter { values[$0] > threshold }
        } else if object.text("k") == "all" {
            chosen = Array(values.indices)
        } else {
            guard let count = object.int("k"), count >= 0 else { throw object.fault("k", "is no number") }
            // A stable sort from the lowest; of equal scores the later columns win.
            let scores = values.map { $0.isNaN ? -Double.greatestFiniteMagnitude : $0 }
            let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] < scores[$1] : $0 < $1 }
            chosen = order.suffix(count).sorted()
        }
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        if let width, x.columns != width { throw .columns(given: x.columns, expected: width) }
        if case .numbers = x.storage { _ = try checked(x, allowsMissing: allowsMissing) }
        return x.selecting(chosen)
    }
}
