import Contract
import Scripts
import Testing

/// Programs nobody would write: every function that scripts have, called with everything there is.
@Suite("Random scripts")
struct RandomScriptTests {
    private static let atoms = [
        "1", "-1", "0x7fffffffffffffff", "1e308", "0/0", "nil", "true", "''", "('x'):rep(100)", "{}", "{1, 2, 3}",
        "input",
        "config", "builtin()", "catalogue", "prices", "null", "list()", "_G", "string", "math.huge", "decide",
        "coroutine.wrap(decide)", "coroutine.create(log)", "coroutine.running()", "(pairs(input))", "(ipairs(input))",
        "string.gmatch('aaa', 'a')", "setmetatable({}, {__index = function(t, k) return k end})",
        """
        setmetatable({}, {__call = function(...) return ... end, __len = function() return 1e9 end, __eq = error,
            __lt = error, __concat = error, __unm = pcall, __close = error, __pairs = next, __newindex = rawset,
            __tostring = type})
        """,
    ]
    private static let functions = [
        "pcall", "error", "select", "tostring", "tonumber", "ipairs", "pairs", "next", "rawget", "rawset", "rawlen",
        "rawequal", "setmetatable", "getmetatable", "xpcall", "assert", "type", "string.rep", "string.format",
        "string.gsub", "string.find", "string.gmatch", "string.byte", "string.char", "string.sub", "table.concat",
        "table.insert", "table.remove", "table.sort", "table.unpack", "table.move", "table.pack", "utf8.char",
        "utf8.len", "utf8.codepoint", "utf8.offset", "math.tointeger", "math.fmod", "coroutine.create",
        "coroutine.wrap", "coroutine.resume", "coroutine.close", "coroutine.status", "coroutine.yield", "log", "list",
        "prices.on_demand", "prices.spot", "prices.source", "catalogue.get", "catalogue.all", "pairs(input)",
    ]
    private static let operators = ["+", "..", "<", "==", "//", "%", "&", "~", "and", "or", "^", "<<"]

    private static func expression(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        func pick(_ list: [String]) -> String { list.randomElement(using: &generator) ?? "nil" }
        func inner() -> String { expression(depth - 1, &generator) }
        guard depth > 0, Int.random(in: 0..<4, using: &generator) > 0 else { return pick(atoms) }
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<11:
            let count = Int.random(in: 0..<4, using: &generator)
            let function = pick(functions)
            return "\(function)(\((0..<count).map { _ in inner() }.joined(separator: ", ")))"
        case 11..<14:
            let (left, right) = (inner(), inner())
            return "(\(left) \(pick(operators)) \(right))"
        case 14..<16: return "{\(inner()), [\(pick(["1", "'k'", "2.5", "true"]))] = \(inner())}"
        case 16..<18: return "function(...) return \(inner()) end"
        default: return "(\(inner()))[\(inner())]"
        }
    }

    private static func program(_ generator: inout SeededGenerator) -> String {
        let lines = (0..<Int.random(in: 1..<12, using: &generator)).map { index in
            "local ok\(index), v\(index) = pcall(function(...) return \(expression(4, &generator)) end)"
        }
        return "function decide(input)\n\(lines.joined(separator: "\n"))\nreturn {\(expression(3, &generator))}\nend"
    }

    @Test("always end in a verdict: the process never crashes", arguments: 0..<8)
    func verdicts(_ seed: Int) async throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<40 {
            let source = Self.program(&generator)
            guard let failure = try await ScriptBench.run(source).failure else { continue }
            // A verdict of the sandbox names what was reached for; without one the process has died.
            #expect(failure.reason != .sandboxUnavailable)
            #expect(!failure.message.contains("the script's process"), "\(failure)\n\(source)")
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
