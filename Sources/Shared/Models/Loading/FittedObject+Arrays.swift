extension FittedObject {
    /// Numbers of any shape, NaN and infinities included.
    func anyNumbers(_ key: StaticString) throws(ModelRejection) -> NumberArray {
        try NumberArray(try required(key), of: self)
    }

    /// A vector of finite numbers; arrays of several dimensions are taken row by row.
    func vector(_ key: StaticString, count: Int? = nil) throws(ModelRejection) -> [Double] {
        let values = try looseVector(key, count: count)
        guard values.allSatisfy(\.isFinite) else { throw fault(key, "holds a number that is not finite") }
        return values
    }

    /// A vector in which NaN and infinities may stand.
    func looseVector(_ key: StaticString, count: Int? = nil) throws(ModelRejection) -> [Double] {
        let array = try anyNumbers(key)
        if let count, array.values.count != count {
            throw fault(key, "has \(array.values.count) numbers where \(count) belong")
        }
        return array.values
    }

    /// A vector of finite numbers, or nil where the attribute is None.
    func optionalVector(_ key: StaticString, count: Int? = nil) throws(ModelRejection) -> [Double]? {
        has(key) ? try vector(key, count: count) : nil
    }

    /// A matrix of finite numbers; a vector is one row.
    func matrix(_ key: StaticString) throws(ModelRejection) -> Matrix { try matrix(try anyNumbers(key), key) }

    func matrix(_ array: NumberArray, _ key: StaticString) throws(ModelRejection) -> Matrix {
        guard array.shape.count <= 2 else { throw fault(key, "has more than two dimensions") }
        guard array.values.allSatisfy(\.isFinite) else { throw fault(key, "holds a number that is not finite") }
        let columns = array.shape.last ?? 1
        let rows = array.shape.count == 2 ? array.shape[0] : 1
        return Matrix(rows: rows, columns: columns, values: array.values)
    }

    /// Whether an array holds 32-bit floats.
    func isSingle(_ key: StaticString) -> Bool {
        guard let node = optional(key), case .array(let index) = graph.value(node), graph.arrays[Int(index)].type >= 0
        else {
            return false
        }
        let type = graph.dataTypes[Int(graph.arrays[Int(index)].type)]
        return type.kind == .float && type.size == 4
    }

    /// Classes or categories: numbers, truth values or texts.
    func labels(_ key: StaticString) throws(ModelRejection) -> [Label] { try labels(try required(key), "\(key)") }

    func labels(_ node: Int32, _ what: String) throws(ModelRejection) -> [Label] {
        if let sequence = graph.sequence(node) { return try labels(of: Array(sequence), what) }
        guard case .array(let index) = graph.value(node) else { throw fault("\(what) is no array") }
        let array = graph.arrays[Int(index)]
        guard array.shape.count <= 1 else { throw fault(.unsupported, "\(what) has several dimensions") }
        try builder.spend(elements: array.count, self)
        switch array.storage {
        case .unfilled: throw fault(.invalidArray, "\(what) has no content")
        case .objects(let list): return try labels(of: graph.lists[Int(list)], what)
        case .bytes(let range):
            let type = graph.dataTypes[Int(array.type)]
            let bytes = graph.bytes(range)
            try builder.spend(elements: bytes.count / 8, self)
            var labels: [Label] = []
            labels.reserveCapacity(array.count)
            for place in array.storedPlaces() {
                let start = bytes.startIndex + place * type.size
                guard let label = type.label(bytes[start..<start + type.size]) else {
                    throw fault(.invalidArray, "\(what) has an element that is neither number nor text")
                }
                labels.append(label)
            }
            return labels
        }
    }

    private func labels(of nodes: [Int32], _ what: String) throws(ModelRejection) -> [Label] {
        var labels: [Label] = []
        try builder.spend(elements: nodes.count, self)
        for node in nodes {
            if case .text(let range) = graph.value(node) { try builder.spend(elements: Int(range.count) / 8, self) }
            switch graph.value(node) {
            case .int(let value): labels.append(.int(value))
            case .float(let value): labels.append(.number(value))
            case .bool(let value): labels.append(.bool(value))
            case .text(let range): labels.append(.text(graph.text(range)))
            case .none: labels.append(.number(.nan))
            default: throw fault(.invalidArray, "\(what) has an element that is neither number nor text")
            }
        }
        return labels
    }
}

extension NumpyDataType {
    /// One element as a label; nil for records and broken texts.
    func label(_ element: ArraySlice<UInt8>) -> Label? {
        switch kind {
        case .float: return .number(element.withUnsafeBytes { double(in: $0, at: 0) })
        case .signed, .unsigned: return element.withUnsafeBytes { integer(in: $0, at: 0) }.map(Label.int)
        case .bool: return .bool(element.first != 0)
        case .text, .bytes: return text(element).map(Label.text)
        case .record, .object, .time: return nil
        }
    }
}
