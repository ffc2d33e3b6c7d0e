extension PickleMachine {
    // MARK: Data types

    /// `dtype('f8', False, True)`.
    mutating func dataType(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard (1...3).contains(arguments.count), case .text(let code) = graph.value(arguments[0]) else {
            throw fail(.invalidArray, "numpy.dtype with other arguments than a short code")
        }
        guard let type = NumpyDataType.parse(graph.bytes(code)) else {
            throw fail(
                .invalidArray,
                "the data type \(Excerpt.of(graph.bytes(code))) is not one of numbers, texts or records"
            )
        }
        graph.dataTypes.append(type)
        return try make(.dataType(Int32(graph.dataTypes.count - 1)))
    }

    /// BUILD of a data type: byte order, and the fields of a record.
    mutating func complete(_ index: Int, _ state: Int32) throws(ModelRejection) {
        guard !graph.dataTypes[index].isBuilt else { throw fail(.forbiddenCall, "a second BUILD of a data type") }
        guard let parts = graph.tuple(state).map(Array.init), parts.count >= 8, parts.count <= 9,
            case .int(let version) = graph.value(parts[0]), version == 3 || version == 4,
            case .text(let order) = graph.value(parts[1]), order.count == 1, case .none = graph.value(parts[2])
        else { throw fail(.invalidArray, "the state of a data type is not of a known form") }
        switch graph.bytes(order).first {
        case UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: "|"): graph.dataTypes[index].isBigEndian = false
        case UInt8(ascii: ">"): graph.dataTypes[index].isBigEndian = true
        default: throw fail(.invalidArray, "a byte order that does not exist")
        }
        if case .int(let size) = graph.value(parts[5]), size >= 0, size != graph.dataTypes[index].size {
            throw fail(.invalidArray, "a data type of two sizes")
        }
        if graph.dataTypes[index].kind == .record { try readFields(index, names: parts[3], fields: parts[4]) }
        graph.dataTypes[index].isBuilt = true
    }

    private mutating func readFields(_ index: Int, names: Int32, fields: Int32) throws(ModelRejection) {
        let size = graph.dataTypes[index].size
        guard let names = graph.tuple(names), names.count <= 64, let pairs = graph.pairs(fields) else {
            throw fail(.invalidArray, "a record without fields")
        }
        var found: [NumpyDataType.Field] = []
        for name in names {
            guard case .text(let range) = graph.value(name),
                let place = stride(from: 0, to: pairs.count, by: 2).first(where: {
                    graph.text(of: pairs[$0])?.utf8.elementsEqual(graph.bytes(range)) == true
                }),
                let entry = graph.tuple(pairs[place + 1]).map(Array.init), entry.count >= 2,
                case .dataType(let type) = graph.value(entry[0]), case .int(let offset) = graph.value(entry[1])
            else { throw fail(.invalidArray, "a record with a field of no type") }
            let field = graph.dataTypes[Int(type)]
            guard field.kind != .record, field.kind != .object, offset >= 0, offset <= Int64(size),
                Int(offset) + field.size <= size
            else { throw fail(.invalidArray, "a field outside of its record") }
            found.append(.init(name: graph.text(range), offset: Int(offset), type: type))
        }
        graph.dataTypes[index].fields = found
    }

    // MARK: Arrays

    /// `_reconstruct(ndarray, (0,), b'b')`: an array that BUILD fills.
    mutating func reconstructArray(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 3, isGlobal(arguments[0], "numpy", "ndarray") else {
            throw fail(.forbiddenCall, "_reconstruct of something else than numpy.ndarray")
        }
        graph.arrays.append(NumpyArray(offset: Int32(opcodeStart)))
        return try make(.array(Int32(graph.arrays.count - 1)))
    }

    /// BUILD of an array: version, shape, type, order and data.
    mutating func fill(_ index: Int, _ state: Int32) throws(ModelRejection) {
        guard case .unfilled = graph.arrays[index].storage else {
            throw fail(.forbiddenCall, "a second BUILD of an array")
        }
        guard let parts = graph.tuple(state).map(Array.init), parts.count == 5,
            case .int(let version) = graph.value(parts[0]),
            version == 0 || version == 1, case .dataType(let type) = graph.value(parts[2])
        else { throw fail(.invalidArray, "the state of an array is not of a known form") }
        let isColumnMajor: Bool
        switch graph.value(parts[3]) {
        case .bool(let flag): isColumnMajor = flag
        case .int(let flag): isColumnMajor = flag != 0
        default: throw fail(.invalidArray, "an array without an order")
        }
        let storage: NumpyArray.Storage
        switch graph.value(parts[4]) {
        case .bytes(let range): storage = .bytes(range)
        case .list(let list): storage = .objects(list)
        default: throw fail(.invalidArray, "an array without data")
        }
        graph.arrays[index] = try array(
            try shape(parts[1]),
            type,
            columnMajor: isColumnMajor,
            storage,
            offset: graph.arrays[index].offset
        )
        if case .list = graph.value(parts[4]) { try deepen(try top(), by: CollectionOfOne(parts[4])) }
    }

    /// `_frombuffer(bytes, dtype, shape, order)` of protocol 5, and numpy's later fifth argument.
    mutating func fromBuffer(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 4 || arguments.count == 5, case .bytes(let range) = graph.value(arguments[0]),
            case .dataType(let type) = graph.value(arguments[1])
        else { throw fail(.invalidArray, "_frombuffer with other arguments than bytes, type, shape and order") }
        guard graph.dataTypes[Int(type)].kind != .object else {
            throw fail(.invalidArray, "_frombuffer would read object references out of bytes")
        }
        let shape = try shape(arguments[2])
        if graph.isText(arguments[3], "K"), arguments.count == 5, let axes = graph.tuple(arguments[4]) {
            return try transposed(
                try array(shape, type, columnMajor: false, .bytes(range), offset: Int32(opcodeStart)),
                axes
            )
        }
        return try makeArray(shape, type, columnMajor: try isColumnMajor(arguments[3]), .bytes(range))
    }

    /// The array with its axes in another order, the data where it was.
    private mutating func transposed(_ array: NumpyArray, _ axes: ArraySlice<Int32>) throws(ModelRejection) -> Int32 {
        var order: [Int] = []
        for axis in axes {
            guard case .int(let axis) = graph.value(axis), axis >= 0, axis < Int64(array.shape.count),
                !order.contains(Int(axis))
            else { throw fail(.invalidArray, "an order of axes that is none") }
            order.append(Int(axis))
        }
        guard order.count == array.shape.count else { throw fail(.invalidArray, "an order of axes that is none") }
        var turned = array
        turned.shape = order.map { array.shape[$0] }
        turned.strides = order.map { array.strides[$0] }
        graph.arrays.append(turned)
        return try make(.array(Int32(graph.arrays.count - 1)))
    }

    func isColumnMajor(_ node: Int32) throws(ModelRejection) -> Bool {
        if graph.isText(node, "C") { return false }
        if graph.isText(node, "F") { return true }
        throw fail(.invalidArray, "an array that is ordered neither by row nor by column")
    }

    func shape(_ node: Int32) throws(ModelRejection) -> [Int] {
        guard let items = graph.tuple(node), items.count <= NumpyArray.maxDimensions else {
            throw fail(.invalidArray, "a shape that is no tuple of at most \(NumpyArray.maxDimensions) numbers")
        }
        var shape: [Int] = []
        for item in items {
            guard case .int(let dimension) = graph.value(item) else {
                throw fail(.invalidArray, "a dimension that is no number")
            }
            shape.append(Int(dimension))
        }
        return shape
    }

    func elements(_ shape: [Int]) throws(ModelRejection) -> Int {
        guard let count = NumpyArray.count(of: shape) else {
            throw fail(.invalidArray, "a shape that no array in this file can have")
        }
        return count
    }

    mutating func makeArray(
        _ shape: [Int],
        _ type: Int32,
        columnMajor: Bool,
        _ storage: NumpyArray.Storage
    ) throws(ModelRejection) -> Int32 {
        graph.arrays.append(
            try array(shape, type, columnMajor: columnMajor, storage, offset: Int32(opcodeStart))
        )
        return try make(.array(Int32(graph.arrays.count - 1)))
    }

    /// An array whose shape, type and data agree.
    private mutating func array(
        _ shape: [Int],
        _ type: Int32,
        columnMajor: Bool,
        _ storage: NumpyArray.Storage,
        offset: Int32
    ) throws(ModelRejection) -> NumpyArray {
        try spend(shape.count)
        let count = try elements(shape)
        let dataType = graph.dataTypes[Int(type)]
        switch storage {
        case .unfilled: throw fail(.invalidArray, "an array without data")
        case .bytes(let range):
            guard dataType.kind != .object else { throw fail(.invalidArray, "object references read out of bytes") }
            let (size, overflow) = count.multipliedReportingOverflow(by: dataType.size)
            guard !overflow, size == Int(range.count), dataType.size > 0 || count == 0 else {
                throw fail(.invalidArray, "\(range.count) bytes for \(count) elements of \(dataType.size) bytes")
            }
        case .objects(let list):
            guard dataType.kind == .object, graph.lists[Int(list)].count == count else {
                throw fail(.invalidArray, "\(graph.lists[Int(list)].count) objects for \(count) elements")
            }
        }
        var array = NumpyArray(offset: offset)
        array.shape = shape
        array.type = type
        array.strides = NumpyArray.strides(of: shape, columnMajor: columnMajor)
        array.storage = storage
        return array
    }

    /// `scalar(dtype, bytes)`: becomes the plain number or text that it is.
    mutating func scalar(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 2, case .dataType(let index) = graph.value(arguments[0]),
            case .bytes(let range) = graph.value(arguments[1])
        else { throw fail(.invalidArray, "a number of numpy without a type or bytes") }
        let type = graph.dataTypes[Int(index)]
        guard type.kind != .object, type.kind != .record, Int(range.count) == type.size else {
            throw fail(.invalidArray, "\(range.count) bytes for one number of \(type.size) bytes")
        }
        let value: PickleValue = graph.bytes(range).withUnsafeBytes { bytes in
            switch type.kind {
            case .float: .float(type.double(in: bytes, at: 0))
            case .bool: .bool(bytes[0] != 0)
            case .signed, .time: .int(type.integer(in: bytes, at: 0) ?? 0)
            case .unsigned: type.integer(in: bytes, at: 0).map(PickleValue.int) ?? .bigInt(byteCount: 8)
            default: .none
            }
        }
        if type.kind == .text || type.kind == .bytes {
            guard let text = type.text(graph.bytes(range)) else { throw fail(.invalidArray, "a text that is none") }
            return try make(.text(try keep(Array(text.utf8))))
        }
        return try make(value)
    }
}
