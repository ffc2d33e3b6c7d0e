/// Reads one pickle into a graph, opcode by opcode, and runs nothing.
///
/// Every name is looked up in ``AllowedGlobal`` where it is pushed, used or not; calls become objects of the graph or one
/// of the few imitations. Nothing recurses but the object arrays of joblib, which hold a pickle each, to a fixed depth.
struct PickleMachine: ~Copyable {
    var graph: PickleGraph
    let limits: ReadingLimits
    let deadline: ContinuousClock.Instant?
    var position = 0
    /// Where the current frame ends; nil outside of frames.
    var frameEnd: Int?
    var stack: [Int32] = []
    /// Sizes of the stack where MARK was.
    var marks: [Int] = []
    var memo = PickleMemo()
    var opcodes = 0
    /// Pickles within pickles so far (object arrays of joblib).
    var nesting = 0
    /// Whether `NumpyArrayWrapper` is followed by data, as in files of joblib.
    var opcodeStart = 0

    init(input: [UInt8], limits: ReadingLimits, deadline: ContinuousClock.Instant?) {
        graph = PickleGraph(input: input)
        self.limits = limits
        self.deadline = deadline
    }

    /// Reads the whole file as one pickle.
    static func read(
        _ input: [UInt8],
        limits: ReadingLimits,
        deadline: ContinuousClock.Instant?
    ) throws(ModelRejection) -> PickleGraph {
        guard input.count < Int(Int32.max) else { throw ModelRejection(.limit, "a file of 2 GiB or more is not read") }
        var machine = PickleMachine(input: input, limits: limits, deadline: deadline)
        let root = try machine.run()
        guard machine.position == input.count else {
            throw ModelRejection(
                .malformed,
                "\(input.count - machine.position) bytes follow the end of the pickle",
                at: machine.position
            )
        }
        var graph = machine.graph
        graph.root = root
        return graph
    }

    /// Runs to STOP.
    ///
    /// - Returns: the one value that is left.
    mutating func run() throws(ModelRejection) -> Int32 {
        while true {
            opcodeStart = position
            if position == frameEnd { frameEnd = nil }
            let opcode = try byte()
            opcodes += 1
            guard opcodes <= limits.opcodes else { throw fail(.limit, "more than \(limits.opcodes) opcodes") }
            if opcodes & 0xFFFF == 0, let deadline, ContinuousClock.now > deadline {
                throw fail(.limit, "reading takes too long")
            }
            if opcode == UInt8(ascii: ".") {
                if position == frameEnd { frameEnd = nil }
                guard frameEnd == nil else { throw fail(.malformed, "STOP before the end of its frame") }
                guard marks.isEmpty, stack.count == 1 else {
                    throw fail(.malformed, "STOP leaves \(stack.count) values and \(marks.count) open marks")
                }
                return stack.removeLast()
            }
            if opcode == 0x80 {
                let version = try byte()
                guard version <= 5 else { throw fail(.malformed, "protocol \(version) does not exist") }
                continue
            }
            try perform(opcode)
        }
    }

    // MARK: Faults

    func fail(_ reason: ModelRejection.Reason, _ message: String) -> ModelRejection {
        ModelRejection(reason, message, at: opcodeStart)
    }

    // MARK: Bytes

    /// How far reading may go: to the end of the frame, or of the file.
    var end: Int { frameEnd ?? graph.input.count }

    mutating func byte() throws(ModelRejection) -> UInt8 {
        guard position < end else { throw fail(.malformed, "the file or its frame ends too early") }
        defer { position += 1 }
        return graph.input[position]
    }

    /// Steps over `count` bytes that lie in the file.
    mutating func take(_ count: UInt64) throws(ModelRejection) -> ByteRange {
        guard count <= UInt64(end - position) else {
            throw fail(.malformed, "an argument of \(count) bytes goes beyond the file or its frame")
        }
        defer { position += Int(count) }
        return ByteRange(start: Int32(position), count: Int32(count))
    }

    /// An unsigned number of `width` bytes, the lowest first.
    mutating func unsigned(_ width: Int) throws(ModelRejection) -> UInt64 {
        let range = try take(UInt64(width))
        var value: UInt64 = 0
        for index in 0..<width { value |= UInt64(graph.input[Int(range.start) + index]) << UInt64(8 * index) }
        return value
    }

    /// The bytes up to the next line end.
    mutating func line() throws(ModelRejection) -> ArraySlice<UInt8> {
        let start = position
        while position < end {
            if graph.input[position] == UInt8(ascii: "\n") {
                defer { position += 1 }
                return graph.input[start..<position]
            }
            position += 1
        }
        throw fail(.malformed, "a line has no end")
    }

    // MARK: Stack

    /// What may be popped lies above it.
    var floor: Int { marks.last ?? 0 }

    mutating func pop() throws(ModelRejection) -> Int32 {
        guard stack.count > floor, let node = stack.popLast() else { throw fail(.malformed, "the stack is empty") }
        return node
    }

    func top() throws(ModelRejection) -> Int32 {
        guard stack.count > floor, let node = stack.last else { throw fail(.malformed, "the stack is empty") }
        return node
    }

    /// Everything above the last mark.
    mutating func popToMark() throws(ModelRejection) -> ArraySlice<Int32> {
        guard let mark = marks.popLast() else { throw fail(.malformed, "no mark") }
        let items = Array(stack[mark...])
        stack.removeLast(items.count)
        return items[...]
    }

    // MARK: Nodes

    @discardableResult
    mutating func make(_ value: PickleValue, depth: UInt16 = 0) throws(ModelRejection) -> Int32 {
        try spend(1)
        graph.nodes.append(value)
        graph.depths.append(depth)
        graph.weights.append(1)
        return Int32(graph.nodes.count - 1)
    }

    mutating func push(_ value: PickleValue) throws(ModelRejection) { stack.append(try make(value)) }

    mutating func spend(_ count: Int) throws(ModelRejection) {
        graph.spent += count
        guard graph.spent <= limits.nodes else { throw fail(.limit, "more than \(limits.nodes) values") }
    }

    /// Notes that `container` holds `items`.
    mutating func deepen(_ container: Int32, by items: some Collection<Int32>) throws(ModelRejection) {
        var depth = Int(graph.depths[Int(container)])
        var weight = graph.weights[Int(container)]
        for item in items {
            depth = max(depth, Int(graph.depths[Int(item)]) + 1)
            weight += graph.weights[Int(item)]
        }
        guard weight <= limits.references else { throw fail(.limit, "values that refer to each other over and over") }
        graph.weights[Int(container)] = weight
        guard depth <= limits.depth else { throw fail(.limit, "more than \(limits.depth) containers in each other") }
        graph.depths[Int(container)] = UInt16(depth)
    }

    mutating func makeTuple(_ items: ArraySlice<Int32>) throws(ModelRejection) -> Int32 {
        try spend(items.count)
        let start = Int32(graph.tupleItems.count)
        graph.tupleItems.append(contentsOf: items)
        let node = try make(.tuple(start: start, count: Int32(items.count)))
        try deepen(node, by: items)
        return node
    }

    mutating func makeList(_ items: [Int32] = []) -> Int32 {
        graph.lists.append(items)
        return Int32(graph.lists.count - 1)
    }

    /// Keeps bytes that are not in the file; twice as many as the file has are never needed.
    mutating func keep(_ bytes: [UInt8]) throws(ModelRejection) -> ByteRange {
        guard graph.made.count + bytes.count <= graph.input.count + 1 << 20 else {
            throw fail(.limit, "texts are decoded over and over")
        }
        let start = ~Int32(graph.made.count)
        graph.made.append(contentsOf: bytes)
        return ByteRange(start: start, count: Int32(bytes.count))
    }
}
