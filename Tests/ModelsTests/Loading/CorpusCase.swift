import Contract
import Models

/// One case of the corpus: a file, rows, and what the library that wrote the file answers.
struct CorpusCase {
    let id: String
    let file: String
    let input: String
    let expected: String
    let methods: [String]
    let relative: Double
    let absolute: Double
    let notes: String

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let file = json["file"]?.string, let input = json["input"]?.string,
            let expected = json["expected"]?.string, let methods = json["methods"]?.array,
            let relative = json["tolerance"]?["rtol"]?.number, let absolute = json["tolerance"]?["atol"]?.number
        else { return nil }
        self.id = id
        self.file = file
        self.input = input
        self.expected = expected
        self.methods = methods.compactMap(\.string)
        self.relative = relative
        self.absolute = absolute
        notes = json["notes"]?.string ?? ""
    }

    /// Loads the file and compares every method.
    ///
    /// - Returns: nil when all is as it should be, else what is not.
    func check(read: (String) throws -> [UInt8]) throws -> String? {
        let model: LoadedModel
        let bytes = try read(file)
        do throws(ModelRejection) { model = try LoadedModel.read(bytes, limits: .unhurried) } catch let refusal {
            return
                "refused: \(refusal.reason.rawValue): \(refusal.message) at \(refusal.offset.map(String.init) ?? "-")"
        }
        let table = try JSONParser.parse(try read(input))
        let wanted = try JSONParser.parse(try read(expected))
        guard let columns = table["columns"]?.array?.compactMap(\.string), let rows = table["rows"]?.array else {
            return "the input is not a table"
        }
        if let classes = wanted["classes"]?.array {
            let own = (model.classes ?? model.encoder(named: columns[0])?.classes)?.map(CorpusCase.json)
            if own?.elementsEqual(classes, by: { CorpusCase.isSame($0, $1) }) != true { return "classes differ" }
        }
        let features = CorpusCase.features(rows, columns: columns.count)
        for method in methods {
            guard let values = wanted[method] else { return "no expected \(method)" }
            let estimator = model.encoder(named: columns[0]) ?? model.estimator
            do throws(PredictionError) {
                let got = try CorpusCase.answer(estimator, method, features)
                if let miss = try compare(got, values, method, estimator, features) { return miss }
            } catch {
                return "\(method): \(error.message)"
            }
        }
        return nil
    }

    static func features(_ rows: [JSONValue], columns: Int) -> Features {
        var cells: [Cell] = []
        for row in rows {
            for value in row.array ?? [] {
                cells.append(value.string.map { .text($0) } ?? .number(value.number ?? .nan))
            }
        }
        return Features(rows: rows.count, columns: columns, cells: cells)
    }

    static func answer(_ estimator: any Estimator, _ method: String, _ x: Features) throws(PredictionError)
        -> [[JSONValue]]
    {
        switch method {
        case "predict":
            switch try estimator.predict(x) {
            case .values(let values): return values.map { [.double($0)] }
            case .rows(let matrix): return rows(matrix)
            case .labels(let labels): return labels.map { [json($0)] }
            }
        case "predict_proba": return rows(try estimator.probabilities(x))
        case "decision_function": return rows(try estimator.decision(x))
        case "score_samples": return rows(try estimator.scores(x))
        case "margin": return rows(try estimator.margin(x))
        default:
            let result = try estimator.transform(x)
            return (0..<result.rows).map { row in
                (0..<result.columns).map { column in
                    switch result[row, column] {
                    case .number(let number): .double(number)
                    case .text(let text): .string(text)
                    }
                }
            }
        }
    }

    private static func rows(_ matrix: Matrix) -> [[JSONValue]] {
        (0..<matrix.rows).map { row in (0..<matrix.columns).map { .double(matrix[row, $0]) } }
    }

    static func json(_ label: Label) -> JSONValue {
        switch label {
        case .int(let value): .integer(value)
        case .number(let value): .double(value)
        case .bool(let value): .bool(value)
        case .text(let value): .string(value)
        }
    }

    static func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool { a == b || a.number != nil && a.number == b.number }

    /// |got - expected| <= atol + rtol |expected|; texts exactly; a label may differ where the two best scores do not.
    private func compare(
        _ got: [[JSONValue]],
        _ expected: JSONValue,
        _ method: String,
        _ estimator: any Estimator,
        _ x: Features
    ) throws(PredictionError) -> String? {
        guard let rows = expected.array, rows.count == got.count else { return "\(method): \(got.count) rows" }
        for (row, wanted) in rows.enumerated() {
            let wanted = wanted.array ?? [wanted]
            guard wanted.count == got[row].count else {
                return "\(method): row \(row) has \(got[row].count) values for \(wanted.count)"
            }
            for (column, want) in wanted.enumerated() where !matches(got[row][column], want) {
                if method == "predict", estimator.classes != nil, try isTie(estimator, x, row) { continue }
                return "\(method): row \(row), column \(column): \(got[row][column]) for \(want)"
            }
        }
        return nil
    }

    private func matches(_ got: JSONValue, _ want: JSONValue) -> Bool {
        if let text = want.string, text != "inf", text != "-inf" { return got.string == text }
        guard let value = got.number else { return got == want }
        if want.isNull { return value.isNaN }
        if let flag = want.bool { return value == (flag ? 1 : 0) }
        if want.string == "inf" { return value == .infinity }
        if want.string == "-inf" { return value == -.infinity }
        guard let target = want.number else { return false }
        return (value - target).magnitude <= absolute + relative * target.magnitude
    }

    private func isTie(_ estimator: any Estimator, _ x: Features, _ row: Int) throws(PredictionError) -> Bool {
        guard estimator.methods.contains(.probabilities) else { return false }
        let scores = try estimator.probabilities(x)
        let sorted = (0..<scores.columns).map { scores[row, $0] }.sorted(by: >)
        return sorted.count > 1 && sorted[0] - sorted[1] <= absolute + relative * sorted[0]
    }
}

extension LoadedModel {
    func encoder(named name: String) -> (any Estimator)? {
        task == .encoders ? encoders.first { $0.name == name }?.encoder : nil
    }
}

extension ReadingLimits {
    /// Without a limit of time: tests run beside each other on slow machines.
    static var unhurried: ReadingLimits {
        var limits = ReadingLimits()
        limits.duration = nil
        return limits
    }
}
