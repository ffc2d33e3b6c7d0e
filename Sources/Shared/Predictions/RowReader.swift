package import Contract
package import Models

/// Reads rows for a model from a request: lists in the order of its features, or objects by their names.
package struct RowReader: Sendable {
    /// Rows of one request; more belong into several.
    package static let mostRows = 100_000

    private let names: [String]?
    private let known: Set<String>
    private let width: Int?
    private let ranges: [ClosedRange<Double>?]

    /// - Parameters:
    ///   - model: Whose features these are.
    ///   - metadata: Of the upload: `feature_columns` names features that the file does not, `input_schema` has a list of
    ///     `{"name", "min", "max"}`.
    package init(_ model: LoadedModel, metadata: JSONObject) {
        let declared = metadata["input_schema"]?.array ?? []
        let columns = (metadata["feature_columns"] ?? metadata["feature_names"])?.array?.compactMap(\.string)
        let candidates = [
            model.featureNames, columns, declared.isEmpty ? nil : declared.compactMap { $0["name"]?.string },
        ]
        names = candidates.compactMap(\.self).first { model.featureCount == nil || $0.count == model.featureCount }
        width = model.featureCount ?? names?.count
        known = Set(names ?? [])
        let entries = Dictionary(
            declared.map { ($0["name"]?.string ?? "", $0) },
            uniquingKeysWith: { first, _ in first }
        )
        ranges = (names ?? []).map { name in
            entries[name].map { entry in
                let low = entry["min"]?.number ?? -.infinity
                let high = entry["max"]?.number ?? .infinity
                return low <= high ? low...high : high...low
            }
        }
    }

    /// The features' names in order, where they are known.
    package var featureNames: [String]? { names }

    /// - Throws: 422 with the row and the feature at fault.
    package func read(_ rows: [JSONReader]) throws(APIError) -> Features {
        guard (1...Self.mostRows).contains(rows.count) else {
            throw APIError(
                .invalidValue,
                "rows must hold 1 to \(Self.mostRows) rows, not \(rows.count)",
                field: "rows",
                hint: "Split the request."
            )
        }
        var numbers: [Double] = []
        var cells: [Cell]?
        var columns = width
        for row in rows {
            let values = try values(row)
            if let columns, values.count != columns {
                throw row.invalid("has \(values.count) values, the model takes \(columns)", hint: hint)
            }
            columns = values.count
            for cell in values {
                if cells != nil {
                    cells?.append(cell)
                } else if case .number(let number) = cell {
                    numbers.append(number)
                } else {
                    cells = numbers.map(Cell.number) + [cell]
                }
            }
        }
        let count = columns ?? 0
        if let cells { return Features(rows: rows.count, columns: count, cells: cells) }
        return Features(Matrix(rows: rows.count, columns: count, values: numbers))
    }

    private func values(_ row: JSONReader) throws(APIError) -> [Cell] {
        if case .array(let items) = row.value {
            var cells: [Cell] = []
            cells.reserveCapacity(items.count)
            for (place, item) in items.enumerated() { cells.append(try cell(item, place, row)) }
            return cells
        }
        guard let names else {
            throw row.invalid(
                "is no list",
                hint: "This model's features have no names: send lists of numbers in its order."
            )
        }
        let object = try row.object()
        if let key = object.keys.filter({ !known.contains($0) }).min() {
            throw row.invalid("has \(key.prefix(60)), which is no feature of the model", hint: hint)
        }
        var cells: [Cell] = []
        for (place, name) in names.enumerated() {
            guard let item = object[name] else { throw row.invalid("has no \(name)", hint: hint) }
            cells.append(try cell(item, place, row))
        }
        return cells
    }

    private func cell(_ item: JSONValue, _ place: Int, _ row: JSONReader) throws(APIError) -> Cell {
        let name = names.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? "value \(place)"
        switch item {
        case .null: return .number(.nan)
        case .bool(let value): return .number(value ? 1 : 0)
        case .string(let text): return .text(text)
        default:
            guard let number = item.number, number.isFinite else {
                throw row.invalid("has a \(name) that is no number")
            }
            if ranges.indices.contains(place), let range = ranges[place], !range.contains(number) {
                throw row.invalid("has a \(name) of \(number), outside of \(range.lowerBound) to \(range.upperBound)")
            }
            return .number(number)
        }
    }

    private var hint: String? {
        names.map {
            "Its features are, in order: \($0.prefix(60).joined(separator: ", "))\($0.count > 60 ? ", …" : "")."
        }
    }
}
