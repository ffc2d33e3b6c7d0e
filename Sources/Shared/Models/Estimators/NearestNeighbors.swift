/// k nearest neighbours by looking at all of them: the search trees in the files only make it faster, never different.
struct NearestNeighbors: Estimator {
    private enum Metric {
        case euclidean, manhattan, chebyshev, cosine
        case minkowski(Double)
    }

    let name: String
    let classes: [Label]?
    private let points: Matrix
    /// Targets, row by row: one place of a class, or `outputs` numbers.
    private let targets: Matrix
    private let hasRows: Bool
    private let neighbors: Int
    private let isWeighted: Bool
    private let metric: Metric

    var width: Int? { points.columns }
    var methods: EstimatorMethods { classes == nil ? .predict : [.predict, .probabilities] }

    init(_ object: FittedObject) throws(ModelRejection) {
        name = object.name
        points = try object.matrix("_fit_X")
        guard let neighbors = object.int("n_neighbors"), neighbors > 0, neighbors <= points.rows else {
            throw object.fault("n_neighbors", "is not between 1 and the number of rows")
        }
        self.neighbors = neighbors
        switch object.text("weights") ?? "uniform" {
        case "uniform": isWeighted = false
        case "distance": isWeighted = true
        default: throw object.fault(.unsupported, "its weights are not supported")
        }
        metric = try Self.metric(object)
        let y = try object.anyNumbers("_y")
        guard y.values.allSatisfy(\.isFinite), y.shape.count <= 2, y.shape.first == points.rows else {
            throw object.fault("_y", "does not have a finite target for each row")
        }
        hasRows = y.shape.count == 2
        targets = Matrix(rows: points.rows, columns: hasRows ? y.shape[1] : 1, values: y.values)
        guard name == "KNeighborsClassifier" else {
            classes = nil
            return
        }
        guard case .array = object.graph.value(try object.required("classes_")) else {
            throw object.fault(.unsupported, "a classifier of several outputs is not supported")
        }
        let labels = try object.labels("classes_")
        guard targets.columns == 1,
            targets.values.allSatisfy({ $0 >= 0 && $0 < Double(labels.count) && $0 == $0.rounded() })
        else {
            throw object.fault("_y", "names a class that is not there")
        }
        classes = labels
    }

    private static func metric(_ object: FittedObject) throws(ModelRejection) -> Metric {
        let metric = object.text("effective_metric_") ?? object.text("metric") ?? ""
        switch metric {
        case "euclidean", "l2": return .euclidean
        case "manhattan", "l1", "cityblock": return .manhattan
        case "chebyshev", "infinity": return .chebyshev
        case "cosine": return .cosine
        case "minkowski":
            let parameters = object.dictionary("effective_metric_params_") ?? []
            if let weights = object.graph.lookUp("w", in: parameters), object.builder.describe(weights) != "None" {
                break
            }
            let power =
                object.graph.lookUp("p", in: parameters).flatMap { object.double($0) } ?? object.double("p") ?? 2
            guard power >= 1, power.isFinite else { break }
            return power == 2 ? .euclidean : power == 1 ? .manhattan : .minkowski(power)
        default: break
        }
        throw object.fault(.unsupported, "the metric \(Excerpt.of(metric)) is not supported")
    }

    private func distance(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>) -> Double {
        var sum = 0.0
        let columns = points.columns
        switch metric {
        case .euclidean:
            for index in 0..<columns { sum += (a[index] - b[index]) * (a[index] - b[index]) }
            return sum.squareRoot()
        case .manhattan:
            for index in 0..<columns { sum += (a[index] - b[index]).magnitude }
            return sum
        case .chebyshev:
            for index in 0..<columns { sum = max(sum, (a[index] - b[index]).magnitude) }
            return sum
        case .minkowski(let exponent):
            for index in 0..<columns { sum += power((a[index] - b[index]).magnitude, exponent) }
            return power(sum, 1 / exponent)
        case .cosine:
            var (squareA, squareB) = (0.0, 0.0)
            for index in 0..<columns {
                sum += a[index] * b[index]
                squareA += a[index] * a[index]
                squareB += b[index] * b[index]
            }
            let norms = squareA.squareRoot() * squareB.squareRoot()
            return norms == 0 ? 1 : min(max(1 - sum / norms, 0), 2)
        }
    }

    /// The neighbours of a row with their weights, the nearest first; of equally distant ones the earlier row.
    private func nearest(_ row: UnsafePointer<Double>) -> [(index: Int, weight: Double)] {
        let distances = points.values.withUnsafeBufferPointer { all in
            (0..<points.rows).map { index in
                all.baseAddress.map { distance(row, $0 + index * points.columns) } ?? 0
            }
        }
        // Insertion into a short sorted list: k is small.
        var best: [Int] = []
        for index in distances.indices {
            if best.count == neighbors, distances[index] >= distances[best[neighbors - 1]] { continue }
            var place = best.count
            while place > 0, distances[best[place - 1]] > distances[index] { place -= 1 }
            best.insert(index, at: place)
            if best.count > neighbors { best.removeLast() }
        }
        guard isWeighted else { return best.map { ($0, 1) } }
        // A neighbour at the very place takes all.
        if best.contains(where: { distances[$0] == 0 }) { return best.map { ($0, distances[$0] == 0 ? 1 : 0) } }
        return best.map { ($0, 1 / distances[$0]) }
    }

    private func rows(_ x: Features, columns: Int, _ of: ([(index: Int, weight: Double)]) -> [Double])
        throws(PredictionError) -> Matrix
    {
        let matrix = try checked(x)
        var values: [Double] = []
        values.reserveCapacity(matrix.rows * columns)
        matrix.values.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return }
            for row in 0..<matrix.rows { values += of(nearest(base + row * matrix.columns)) }
        }
        return Matrix(rows: matrix.rows, columns: columns, values: values)
    }

    func probabilities(_ x: Features) throws(PredictionError) -> Matrix {
        guard let classes else { throw .unsupported(method: "predict_proba", estimator: name) }
        return try rows(x, columns: classes.count) { neighbors in
            var sums = [Double](repeating: 0, count: classes.count)
            for neighbor in neighbors { sums[Int(targets.values[neighbor.index])] += neighbor.weight }
            let total = sums.reduce(0, +)
            return sums.map { total == 0 ? $0 : $0 / total }
        }
    }

    func predict(_ x: Features) throws(PredictionError) -> Answer {
        if let classes { return labels(ofLargest: try probabilities(x), among: classes) }
        let means = try rows(x, columns: targets.columns) { neighbors in
            var sums = [Double](repeating: 0, count: targets.columns)
            var total = 0.0
            for neighbor in neighbors {
                total += neighbor.weight
                for column in 0..<targets.columns { sums[column] += neighbor.weight * targets[neighbor.index, column] }
            }
            return sums.map { $0 / total }
        }
        return hasRows ? .rows(means) : .values(means.values)
    }
}
