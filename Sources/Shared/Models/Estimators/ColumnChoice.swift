/// Which columns a part of a `ColumnTransformer` takes: numbers, truth values, a slice, or names.
struct ColumnChoice {
    private let object: FittedObject
    private let width: Int
    private let names: [String]?

    init(_ object: FittedObject, width: Int) throws(ModelRejection) {
        self.object = object
        self.width = width
        names = try object.featureNames()
    }

    func columns(_ node: Int32) throws(ModelRejection) -> [Int] {
        let graph = object.graph
        switch graph.value(node) {
        case .int(let index): return [try column(Double(index))]
        case .text(let range): return [try column(named: graph.text(range))]
        case .list, .tuple, .array: return try list(node)
        case .object(let index):
            let inner = graph.objects[Int(index)]
            switch AllowedGlobal.all[Int(inner.global)].name {
            case "slice": return try slice(graph.tuple(inner.arguments).map(Array.init) ?? [])
            case "_RemainderColsList":
                let list = try FittedObject(object.builder, node)
                return try self.list(list.required("data"))
            case "_new_Index":
                guard let arguments = graph.tuple(inner.arguments).map(Array.init), arguments.count == 2,
                    let pairs = graph.pairs(arguments[1]), let data = graph.lookUp("data", in: pairs)
                else { break }
                return try list(data)
            default: break
            }
        default: break
        }
        throw object.fault(.unsupported, "columns chosen by \(object.builder.describe(node)) are not supported")
    }

    private func list(_ node: Int32) throws(ModelRejection) -> [Int] {
        let labels = try object.labels(node, "its choice of columns")
        if labels.count == width, !labels.isEmpty, labels.allSatisfy({ if case .bool = $0 { true } else { false } }) {
            return labels.indices.filter { labels[$0] == .bool(true) }
        }
        var columns: [Int] = []
        for label in labels {
            switch label {
            case .text(let name): columns.append(try column(named: name))
            case .int(let index): columns.append(try column(Double(index)))
            case .number(let index): columns.append(try column(index))
            case .bool:
                throw object.fault("its choice of columns has \(labels.count) truth values for \(width) features")
            }
        }
        return columns
    }

    private func column(_ index: Double) throws(ModelRejection) -> Int {
        guard let index = Int(exactly: index), index >= -width, index < width else {
            throw object.fault("it takes column \(index) of \(width)")
        }
        return index < 0 ? index + width : index
    }

    private func column(named name: String) throws(ModelRejection) -> Int {
        guard let column = names?.firstIndex(of: name) else {
            throw object.fault("it takes the column \(Excerpt.of(name)), which it has not been fitted on")
        }
        return column
    }

    /// Python's slices; one by names includes its end.
    private func slice(_ parts: [Int32]) throws(ModelRejection) -> [Int] {
        guard parts.count == 3 else { throw object.fault("a slice without its three parts") }
        func bound(_ node: Int32, isEnd: Bool) throws(ModelRejection) -> Int? {
            switch object.graph.value(node) {
            case .none: return nil
            case .int(let value): return Int(value)
            case .text(let range): return try column(named: object.graph.text(range)) + (isEnd ? 1 : 0)
            default: throw object.fault("a slice of something else than numbers or names")
            }
        }
        let step = try bound(parts[2], isEnd: false) ?? 1
        guard step != 0, step.magnitude <= 1 << 30 else { throw object.fault("a slice without a step") }
        func clamped(_ value: Int, _ range: ClosedRange<Int>) -> Int {
            // Negative bounds count from the end.
            let place = value < 0 ? max(value, -(width + 1)) + width : value
            return min(max(place, range.lowerBound), range.upperBound)
        }
        if step > 0 {
            let start = clamped(try bound(parts[0], isEnd: false) ?? 0, 0...width)
            let end = clamped(try bound(parts[1], isEnd: true) ?? width, 0...width)
            return Array(stride(from: start, to: max(start, end), by: step))
        }
        let start = try bound(parts[0], isEnd: false).map { clamped($0, -1...(width - 1)) } ?? width - 1
        let end = try bound(parts[1], isEnd: true).map { clamped($0, -1...(width - 1)) } ?? -1
        return Array(stride(from: start, to: min(start, end), by: step))
    }
}
