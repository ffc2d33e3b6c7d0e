/// Isotonic regression: straight lines between points whose values only rise, or only fall.
struct IsotonicRegression: Estimator {
    private enum Outside {
        case nan, clip, refuse
    }

    let name: String
    private let curve: PiecewiseLinear
    private let bounds: ClosedRange<Double>
    private let outside: Outside

    var width: Int? { 1 }
    var methods: EstimatorMethods { [.predict, .transform] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        let x = try object.vector("X_thresholds_")
        let y = try object.vector("y_thresholds_", count: x.count)
        guard let curve = PiecewiseLinear(x: x, y: y) else { throw object.fault("X_thresholds_", "does not rise") }
        self.curve = curve
        switch object.text("out_of_bounds") ?? "nan" {
        case "clip": outside = .clip
        case "raise": outside = .refuse
        default: outside = .nan
        }
        let low = object.double("X_min_") ?? x[0]
        let high = object.double("X_max_") ?? x[x.count - 1]
        guard low.isFinite, high.isFinite, low <= high else { throw object.fault("X_min_", "is above X_max_") }
        bounds = low...high
    }

    /// The curve at one place.
    func value(_ x: Double) -> Double {
        switch outside {
        case .clip: curve.value(min(max(x, bounds.lowerBound), bounds.upperBound))
        case .nan, .refuse: curve.contains(x) ? curve.value(x) : .nan
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        let rows = try checked(x)
        if outside == .refuse, let row = rows.values.firstIndex(where: { !curve.contains($0) }) {
            throw .other("row \(row) lies outside of what \(name) was fitted on, and the model refuses that")
        }
        return .values(rows.values.map(value))
    }

    func transform(_ x: Features) throws(PredictionError) -> Features {
        guard let matrix = try predict(x).matrix else { return x }
        return Features(matrix)
    }
}
