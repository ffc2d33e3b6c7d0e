extension PickleMachine {
    /// Does what one opcode says; PROTO and STOP are the loop's own.
    mutating func perform(_ opcode: UInt8) throws(ModelRejection) {
        switch opcode {
        case 0x95: try frame()
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "0"): try discard()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "2"): stack.append(try top())
        case UInt8(ascii: "N"): try push(.none)
        case 0x88: try push(.bool(true))
        case 0x89: try push(.bool(false))
        case UInt8(ascii: "K"): try push(.int(Int64(try unsigned(1))))
        case UInt8(ascii: "M"): try push(.int(Int64(try unsigned(2))))
        case UInt8(ascii: "J"): try push(.int(Int64(Int32(truncatingIfNeeded: try unsigned(4)))))
        case 0x8A: try long(byteCount: try unsigned(1))
        case 0x8B:
            let count = Int32(truncatingIfNeeded: try unsigned(4))
            guard count >= 0 else { throw fail(.malformed, "an integer of \(count) bytes") }
            try long(byteCount: UInt64(count))
        case UInt8(ascii: "I"), UInt8(ascii: "L"): try decimal(isLong: opcode == UInt8(ascii: "L"))
        case UInt8(ascii: "F"): try floatText()
        case UInt8(ascii: "G"):
            let range = try take(8)
            var bits: UInt64 = 0
            for index in 0..<8 { bits = bits << 8 | UInt64(graph.input[Int(range.start) + index]) }
            try push(.float(Double(bitPattern: bits)))
        case 0x8C, UInt8(ascii: "X"), 0x8D: try text(count: try unsigned(opcode == 0x8C ? 1 : opcode == 0x8D ? 8 : 4))
        case UInt8(ascii: "V"): try rawUnicodeLine()
        case UInt8(ascii: "U"), UInt8(ascii: "T"): try oldText(count: try unsigned(opcode == UInt8(ascii: "U") ? 1 : 4))
        case UInt8(ascii: "S"): try quotedLine()
        case UInt8(ascii: "C"), UInt8(ascii: "B"), 0x8E, 0x96:
            let width = opcode == UInt8(ascii: "C") ? 1 : opcode == UInt8(ascii: "B") ? 4 : 8
            try push(.bytes(try take(try unsigned(width))))
        default: try performOnContainers(opcode)
        }
    }

    private mutating func performOnContainers(_ opcode: UInt8) throws(ModelRejection) {
        switch opcode {
        case UInt8(ascii: ")"): stack.append(try makeTuple([]))
        case 0x85, 0x86, 0x87:
            let count = Int(opcode) - 0x84
            guard stack.count - floor >= count else { throw fail(.malformed, "a tuple of \(count) finds fewer values") }
            let items = Array(stack.suffix(count))
            stack.removeLast(count)
            stack.append(try makeTuple(items[...]))
        case UInt8(ascii: "t"): stack.append(try makeTuple(try popToMark()))
        case UInt8(ascii: "]"): try push(.list(makeList()))
        case UInt8(ascii: "l"):
            let items = Array(try popToMark())
            try spend(items.count)
            let node = try make(.list(makeList(items)))
            try deepen(node, by: items)
            stack.append(node)
        case UInt8(ascii: "}"): try push(.dict(makeList()))
        case UInt8(ascii: "d"):
            let items = try popToMark()
            try push(.dict(makeList()))
            try setItems(items)
        case 0x8F: try push(.set(makeList()))
        case UInt8(ascii: "a"):
            let item = try pop()
            try append([item])
        case UInt8(ascii: "e"):
            let items = try popToMark()
            try append(items)
        case UInt8(ascii: "s"):
            let value = try pop()
            let key = try pop()
            try setItems([key, value])
        case UInt8(ascii: "u"):
            let items = try popToMark()
            try setItems(items)
        case 0x90:
            let items = try popToMark()
            guard case .set(let index) = graph.value(try top()) else { throw fail(.malformed, "ADDITEMS on no set") }
            try spend(items.count)
            graph.lists[Int(index)].append(contentsOf: items)
            try deepen(try top(), by: items)
        case 0x91:
            let items = Array(try popToMark())
            try spend(items.count)
            let node = try make(.set(makeList(items)))
            try deepen(node, by: items)
            stack.append(node)
        default: try performOnMemo(opcode)
        }
    }

    private mutating func performOnMemo(_ opcode: UInt8) throws(ModelRejection) {
        switch opcode {
        case UInt8(ascii: "p"): try remember(try memoLine())
        case UInt8(ascii: "q"): try remember(try unsigned(1))
        case UInt8(ascii: "r"): try remember(try unsigned(4))
        case 0x94: try remember(UInt64(memo.count))
        case UInt8(ascii: "g"): try recall(try memoLine())
        case UInt8(ascii: "h"): try recall(try unsigned(1))
        case UInt8(ascii: "j"): try recall(try unsigned(4))
        default: try performOnObjects(opcode)
        }
    }

    private mutating func performOnObjects(_ opcode: UInt8) throws(ModelRejection) {
        switch opcode {
        case UInt8(ascii: "c"):
            let module = try line()
            let name = try line()
            try pushGlobal(module: module, name: name)
        case 0x93:
            let name = try pop()
            let module = try pop()
            guard case .text(let nameRange) = graph.value(name), case .text(let moduleRange) = graph.value(module)
            else {
                throw fail(.forbiddenGlobal, "STACK_GLOBAL takes its names from something that is no text")
            }
            try pushGlobal(module: graph.bytes(moduleRange), name: graph.bytes(nameRange))
        case UInt8(ascii: "R"):
            let arguments = try pop()
            let callable = try pop()
            stack.append(try call(callable, arguments: arguments))
        case 0x81:
            let arguments = try pop()
            let type = try pop()
            stack.append(try instance(of: type, arguments: arguments))
        case 0x92:
            let keywords = try pop()
            let arguments = try pop()
            let type = try pop()
            guard graph.pairs(keywords)?.isEmpty == true else {
                throw fail(.forbiddenCall, "NEWOBJ_EX with keyword arguments")
            }
            stack.append(try instance(of: type, arguments: arguments))
        case UInt8(ascii: "b"):
            let state = try pop()
            try build(state)
        case UInt8(ascii: "o"):
            let items = try popToMark()
            guard let type = items.first else { throw fail(.malformed, "OBJ without a class") }
            stack.append(try instance(of: type, arguments: try makeTuple(items.dropFirst())))
        case UInt8(ascii: "i"):
            let module = try line()
            let name = try line()
            try pushGlobal(module: module, name: name)
            let type = stack.removeLast()
            let items = try popToMark()
            stack.append(try instance(of: type, arguments: try makeTuple(items)))
        case 0x82, 0x83, 0x84: throw fail(.forbiddenOpcode, "the extension registry is not used")
        case UInt8(ascii: "P"), UInt8(ascii: "Q"): throw fail(.forbiddenOpcode, "persistent references are not used")
        case 0x97, 0x98: throw fail(.forbiddenOpcode, "buffers outside of the file are not used")
        default: throw fail(.malformed, "opcode 0x\(String(opcode, radix: 16)) does not exist")
        }
    }

    // MARK: Small parts

    private mutating func frame() throws(ModelRejection) {
        if position == frameEnd { frameEnd = nil }
        let count = try unsigned(8)
        guard frameEnd == nil || position == frameEnd else { throw fail(.malformed, "a frame inside of a frame") }
        guard count <= UInt64(graph.input.count - position) else {
            throw fail(.malformed, "a frame of \(count) bytes goes beyond the file")
        }
        frameEnd = position + Int(count)
    }

    private mutating func discard() throws(ModelRejection) {
        if let mark = marks.last, mark == stack.count {
            marks.removeLast()
        } else {
            _ = try pop()
        }
    }

    private mutating func append(_ items: ArraySlice<Int32>) throws(ModelRejection) {
        let list = try top()
        guard case .list(let index) = graph.value(list) else { throw fail(.malformed, "APPEND on no list") }
        try spend(items.count)
        graph.lists[Int(index)].append(contentsOf: items)
        try deepen(list, by: items)
    }

    private mutating func setItems(_ items: ArraySlice<Int32>) throws(ModelRejection) {
        guard items.count.isMultiple(of: 2) else { throw fail(.malformed, "a key without a value") }
        let target = try top()
        try spend(items.count)
        switch graph.value(target) {
        case .dict(let index): graph.lists[Int(index)].append(contentsOf: items)
        case .object(let index) where AllowedGlobal.all[Int(graph.objects[Int(index)].global)].role == .mapping:
            if graph.objects[Int(index)].items < 0 { graph.objects[Int(index)].items = makeList() }
            graph.lists[Int(graph.objects[Int(index)].items)].append(contentsOf: items)
        default: throw fail(.malformed, "SETITEMS on no dictionary")
        }
        try deepen(target, by: items)
    }

    private mutating func remember(_ index: UInt64) throws(ModelRejection) {
        memo[index] = try top()
        guard memo.count <= limits.memoEntries else {
            throw fail(.limit, "more than \(limits.memoEntries) memo entries")
        }
    }

    private mutating func recall(_ index: UInt64) throws(ModelRejection) {
        guard let node = memo[index] else { throw fail(.malformed, "memo entry \(index) has never been set") }
        stack.append(node)
        try spend(1)
    }

    private mutating func memoLine() throws(ModelRejection) -> UInt64 {
        let digits = try line()
        guard !digits.isEmpty, digits.count <= 10, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw fail(.malformed, "a memo index that is no number")
        }
        return digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }

    private mutating func pushGlobal(module: ArraySlice<UInt8>, name: ArraySlice<UInt8>) throws(ModelRejection) {
        guard let place = AllowedGlobal.place(module: module, name: name) else {
            throw fail(
                .forbiddenGlobal,
                "\(Excerpt.of(module)).\(Excerpt.of(name)) is not a class or function that a model may name"
            )
        }
        try push(.global(place))
    }
}
