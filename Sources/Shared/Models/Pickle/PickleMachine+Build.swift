extension PickleMachine {
    /// BUILD: gives the object on top of the stack its content, once.
    mutating func build(_ state: Int32) throws(ModelRejection) {
        let target = try top()
        switch graph.value(target) {
        case .array(let index): try fill(Int(index), state)
        case .dataType(let index): try complete(Int(index), state)
        case .object(let index):
            let object = graph.objects[Int(index)]
            let global = AllowedGlobal.all[Int(object.global)]
            guard object.state < 0 else { throw fail(.forbiddenCall, "a second BUILD of \(global.fullName)") }
            try check(state, of: global)
            graph.objects[Int(index)].state = state
            try deepen(target, by: CollectionOfOne(state))
            if global.name == "NumpyArrayWrapper" { try inlineArray(of: state) }
        default: throw fail(.forbiddenCall, "BUILD on something that is no fresh instance")
        }
    }

    /// Whether a class may have such a state.
    private func check(_ state: Int32, of global: AllowedGlobal) throws(ModelRejection) {
        switch global.role {
        case .inert: return
        case .call(.partial):
            guard let items = graph.tuple(state), items.count == 4,
                isGlobal(items[items.startIndex], "sklearn.utils.validation", "check_array")
            else { throw fail(.forbiddenCall, "functools.partial over something else than check_array") }
        case .object, .mapping, .call(.tree):
            if let slots = graph.tuple(state), slots.count == 2 {
                for part in slots where !isNone(part) { try checkKeys(part, of: global) }
            } else {
                try checkKeys(state, of: global)
            }
        case .call, .marker: throw fail(.forbiddenCall, "BUILD of \(global.fullName)")
        }
    }

    private func isNone(_ node: Int32) -> Bool {
        if case .none = graph.value(node) { true } else { false }
    }

    private func checkKeys(_ state: Int32, of global: AllowedGlobal) throws(ModelRejection) {
        guard case .dict(let items) = graph.value(state) else {
            throw fail(.malformed, "the state of \(global.fullName) is no dictionary")
        }
        let pairs = graph.lists[Int(items)]
        for index in stride(from: 0, to: pairs.count, by: 2) {
            guard case .text = graph.value(pairs[index]) else {
                throw fail(.malformed, "the state of \(global.fullName) has a key that is no text")
            }
        }
    }

    /// joblib: after its wrapper's BUILD the array's data lies in the stream itself.
    private mutating func inlineArray(of state: Int32) throws(ModelRejection) {
        guard let pairs = graph.pairs(state), let shapeNode = graph.lookUp("shape", in: pairs),
            let typeNode = graph.lookUp("dtype", in: pairs), case .dataType(let type) = graph.value(typeNode),
            let orderNode = graph.lookUp("order", in: pairs), let subclass = graph.lookUp("subclass", in: pairs),
            isGlobal(subclass, "numpy", "ndarray")
        else { throw fail(.invalidArray, "an array of joblib without shape, order, type or class") }
        let shape = try shape(shapeNode)
        if position == frameEnd { frameEnd = nil }
        guard frameEnd == nil else { throw fail(.malformed, "array data inside of a frame") }
        if graph.dataTypes[Int(type)].kind == .object {
            try nestedArray(shape)
            return
        }
        if let alignment = graph.lookUp("numpy_array_alignment_bytes", in: pairs), !isNone(alignment) {
            _ = try take(UInt64(try byte()))
        }
        let count = try elements(shape)
        let (size, overflow) = count.multipliedReportingOverflow(by: graph.dataTypes[Int(type)].size)
        guard !overflow, size <= graph.input.count - position else {
            throw fail(.invalidArray, "an array of \(count) elements does not fit the file")
        }
        let data = try take(UInt64(size))
        let array = try makeArray(shape, type, columnMajor: try isColumnMajor(orderNode), .bytes(data))
        stack[stack.count - 1] = array
    }

    /// An array of objects is a pickle of its own within the file.
    private mutating func nestedArray(_ shape: [Int]) throws(ModelRejection) {
        nesting += 1
        // joblib writes the elements of such an array without wrappers, so one level is all there is.
        guard nesting <= 4 else { throw fail(.limit, "pickles in pickles in pickles") }
        let outer = (stack, marks, memo)
        (stack, marks, memo) = ([], [], PickleMemo())
        let root = try run()
        (stack, marks, memo) = outer
        nesting -= 1
        guard case .array(let index) = graph.value(root), graph.arrays[Int(index)].shape == shape else {
            throw fail(.invalidArray, "an array of objects whose pickle holds something else")
        }
        stack[stack.count - 1] = root
    }
}
