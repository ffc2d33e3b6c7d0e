extension PickleMachine {
    /// REDUCE: nothing is called; the result is imitated or kept as it was written.
    mutating func call(_ callable: Int32, arguments node: Int32) throws(ModelRejection) -> Int32 {
        guard case .global(let place) = graph.value(callable) else {
            throw fail(.forbiddenCall, "REDUCE on something that is no function")
        }
        guard let arguments = graph.tuple(node).map(Array.init) else {
            throw fail(.malformed, "REDUCE without a tuple of arguments")
        }
        let global = AllowedGlobal.all[Int(place)]
        switch global.role {
        case .marker: throw fail(.forbiddenCall, "\(global.fullName) may not be called")
        case .object, .mapping: return try instance(of: callable, arguments: node)
        case .inert: return try object(place, arguments: node)
        case .call(let call): return try imitate(call, place, arguments, node)
        }
    }

    /// NEWOBJ, OBJ and INST: an instance without content yet.
    mutating func instance(of type: Int32, arguments: Int32) throws(ModelRejection) -> Int32 {
        guard case .global(let place) = graph.value(type) else {
            throw fail(.forbiddenCall, "an instance of something that is no class")
        }
        guard let count = graph.tuple(arguments)?.count else { throw fail(.malformed, "no tuple of arguments") }
        let global = AllowedGlobal.all[Int(place)]
        switch global.role {
        case .object, .mapping:
            guard count == 0 else { throw fail(.forbiddenCall, "\(global.fullName) is made without arguments") }
        case .inert: break
        case .marker, .call: throw fail(.forbiddenCall, "\(global.fullName) is not made in this way")
        }
        return try object(place, arguments: arguments)
    }

    private mutating func object(_ place: Int32, arguments: Int32) throws(ModelRejection) -> Int32 {
        graph.objects.append(PickleObject(global: place, arguments: arguments, offset: Int32(opcodeStart)))
        let node = try make(.object(Int32(graph.objects.count - 1)))
        try deepen(node, by: CollectionOfOne(arguments))
        return node
    }

    private mutating func imitate(
        _ call: AllowedGlobal.Call,
        _ place: Int32,
        _ arguments: [Int32],
        _ node: Int32
    ) throws(ModelRejection) -> Int32 {
        switch call {
        case .encode: return try encode(arguments)
        case .byteArray, .bytes: return try bytes(arguments)
        case .set, .frozenSet: return try set(arguments)
        case .slice:
            guard arguments.count == 3 else { break }
            return try object(place, arguments: node)
        case .reconstructObject: return try reconstruct(arguments)
        case .orderedDict: return try orderedDict(arguments)
        case .defaultDict: return try defaultDict(arguments)
        case .dateTime: return try dateTime(arguments)
        case .partial:
            guard arguments.count == 1, isGlobal(arguments[0], "sklearn.utils.validation", "check_array") else { break }
            return try object(place, arguments: node)
        case .index:
            guard arguments.count == 2, isGlobal(arguments[0], "pandas.core.indexes.base", "Index"),
                case .dict = graph.value(arguments[1])
            else { break }
            return try object(place, arguments: node)
        case .tree:
            guard arguments.count == 3, case .int = graph.value(arguments[0]), case .array = graph.value(arguments[1]),
                case .int = graph.value(arguments[2])
            else { break }
            return try object(place, arguments: node)
        case .reconstructArray: return try reconstructArray(arguments)
        case .fromBuffer: return try fromBuffer(arguments)
        case .scalar: return try scalar(arguments)
        case .dataType: return try dataType(arguments)
        }
        throw badCall(place)
    }

    private func badCall(_ place: Int32) -> ModelRejection {
        fail(.forbiddenCall, "\(AllowedGlobal.all[Int(place)].fullName) with other arguments than a model has")
    }

    func isGlobal(_ node: Int32, _ module: String, _ name: String) -> Bool {
        guard case .global(let place) = graph.value(node) else { return false }
        let global = AllowedGlobal.all[Int(place)]
        return global.name == name && global.module == module
    }

    /// `_codecs.encode(text, 'latin1')`: how protocols 0 to 2 write bytes.
    private mutating func encode(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 2, case .text(let range) = graph.value(arguments[0]),
            graph.isText(arguments[1], "latin1") || graph.isText(arguments[1], "latin-1")
        else { throw fail(.forbiddenCall, "_codecs.encode with other arguments than a text and 'latin1'") }
        return try make(.bytes(try latin1(range)))
    }

    /// The bytes that a text stands for, each character one of the first 256.
    private mutating func latin1(_ range: ByteRange) throws(ModelRejection) -> ByteRange {
        let utf8 = graph.bytes(range)
        if Self.isASCII(utf8) { return range }
        guard graph.made.count + utf8.count / 2 <= graph.input.count + 1 << 20 else {
            throw fail(.limit, "texts are decoded over and over")
        }
        var isLatin1 = true
        let decoded = utf8.withUnsafeBufferPointer { utf8 in
            [UInt8](unsafeUninitializedCapacity: utf8.count) { decoded, count in
                var index = 0
                while index < utf8.count {
                    let byte = utf8[index]
                    if byte < 0x80 {
                        decoded[count] = byte
                        index += 1
                    } else if byte & 0xFC == 0xC0, index + 1 < utf8.count {
                        decoded[count] = byte << 6 | utf8[index + 1] & 0x3F
                        index += 2
                    } else {
                        isLatin1 = false
                        return
                    }
                    count += 1
                }
            }
        }
        guard isLatin1 else { throw fail(.malformed, "a text that is not Latin-1 stands for bytes") }
        return try keep(decoded)
    }

    /// `bytearray(…)` and `bytes()` in the shapes that picklers write.
    private mutating func bytes(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        switch arguments.count {
        case 0: return try make(.bytes(ByteRange(start: 0, count: 0)))
        case 1:
            guard case .bytes(let range) = graph.value(arguments[0]) else { break }
            return try make(.bytes(range))
        case 2: return try encode(arguments)
        default: break
        }
        throw fail(.forbiddenCall, "bytes made of something else than bytes")
    }

    private mutating func set(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count <= 1 else { throw fail(.forbiddenCall, "a set of several things") }
        var items: [Int32] = []
        if let first = arguments.first {
            guard let sequence = graph.sequence(first) else { throw fail(.forbiddenCall, "a set of no list") }
            items = Array(sequence)
        }
        try spend(items.count)
        let node = try make(.set(makeList(items)))
        try deepen(node, by: items)
        return node
    }

    /// `copyreg._reconstructor(class, object, None)`: how protocols 0 and 1 make instances.
    private mutating func reconstruct(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 3, case .global(let base) = graph.value(arguments[1]) else {
            throw fail(.forbiddenCall, "_reconstructor with other arguments than a class and its base")
        }
        let node = try instance(of: arguments[0], arguments: try makeTuple([]))
        guard case .object(let index) = graph.value(node) else { return node }
        let isMapping = AllowedGlobal.all[Int(graph.objects[Int(index)].global)].role == .mapping
        switch (AllowedGlobal.all[Int(base)].name, graph.value(arguments[2])) {
        case ("object", .none): return node
        case ("dict", .dict(let items)) where isMapping:
            try spend(graph.lists[Int(items)].count)
            graph.objects[Int(index)].items = makeList(graph.lists[Int(items)])
            try deepen(node, by: CollectionOfOne(arguments[2]))
            return node
        default: throw fail(.forbiddenCall, "_reconstructor over a base that the class does not have")
        }
    }

    /// `OrderedDict()` or `OrderedDict([[key, value], …])`.
    private mutating func orderedDict(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count <= 1 else { throw fail(.forbiddenCall, "OrderedDict of several things") }
        var items: [Int32] = []
        if let first = arguments.first {
            guard let pairs = graph.sequence(first) else { throw fail(.forbiddenCall, "OrderedDict of no list") }
            for pair in pairs {
                guard let pair = graph.sequence(pair), pair.count == 2 else {
                    throw fail(.forbiddenCall, "OrderedDict of no pairs")
                }
                items.append(contentsOf: pair)
            }
        }
        try spend(items.count)
        let node = try make(.dict(makeList(items)))
        try deepen(node, by: items)
        return node
    }

    private mutating func defaultDict(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count <= 1 else { throw fail(.forbiddenCall, "defaultdict of several things") }
        if let factory = arguments.first {
            switch graph.value(factory) {
            case .none: break
            case .global(let place)
            where ["list", "dict", "OrderedDict", "int", "float"].contains(AllowedGlobal.all[Int(place)].name): break
            default: throw fail(.forbiddenCall, "defaultdict with a factory that a model does not need")
            }
        }
        return try make(.dict(makeList()))
    }

    /// A date and time of ten bytes, kept as a text.
    private mutating func dateTime(_ arguments: [Int32]) throws(ModelRejection) -> Int32 {
        guard arguments.count == 1, case .bytes(let range) = graph.value(arguments[0]), range.count == 10 else {
            throw fail(.forbiddenCall, "datetime.datetime with other arguments than its ten bytes")
        }
        let state = Array(graph.bytes(range)).map(Int.init)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
        // The highest bit of the month says which of two equal local times is meant.
        let text =
            padded(state[0] << 8 | state[1], 4) + "-" + padded(state[2] & 0x7F, 2) + "-" + padded(state[3], 2)
            + "T" + padded(state[4], 2) + ":" + padded(state[5], 2) + ":" + padded(state[6], 2)
        return try make(.text(try keep(Array(text.utf8))))
    }
}
