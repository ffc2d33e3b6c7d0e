/// The numbers of an array, in row order, whatever type and order the file has them in.
struct NumberArray {
    let shape: [Int]
    let values: [Double]

    init(shape: [Int], values: [Double]) {
        self.shape = shape
        self.values = values
    }

    /// Takes the numbers out of an array, a plain number, or a list of numbers.
    ///
    /// - Throws: `invalidArray` for arrays of texts, records or objects that are no numbers.
    init(_ node: Int32, of object: FittedObject) throws(ModelRejection) {
        let graph = object.graph
        switch graph.value(node) {
        case .int, .float, .bool:
            self.init(shape: [], values: [try Self.plain(node, object)])
        case .list, .tuple:
            var values: [Double] = []
            for item in graph.sequence(node) ?? [] { values.append(try Self.plain(item, object)) }
            try object.builder.spend(elements: values.count, object)
            self.init(shape: [values.count], values: values)
        case .array(let index):
            let array = graph.arrays[Int(index)]
            try object.builder.spend(elements: array.count, object)
            switch array.storage {
            case .unfilled: throw object.fault(.invalidArray, "an array without content")
            case .objects: throw object.fault(.invalidArray, "an array of objects where numbers belong")
            case .bytes(let range):
                let type = graph.dataTypes[Int(array.type)]
                switch type.kind {
                case .float, .signed, .unsigned, .bool: break
                default:
                    throw object.fault(.invalidArray, "an array of something else than numbers where numbers belong")
                }
                self.init(shape: array.shape, values: array.doubles(type, graph.bytes(range)))
            }
        default: throw object.fault("\(object.builder.describe(node)) stands where numbers belong")
        }
    }

    private static func plain(_ node: Int32, _ object: FittedObject) throws(ModelRejection) -> Double {
        switch object.graph.value(node) {
        case .int(let value): return Double(value)
        case .float(let value): return value
        case .bool(let value): return value ? 1 : 0
        default: throw object.fault(.invalidArray, "\(object.builder.describe(node)) stands among numbers")
        }
    }
}
