import Scripts
import Testing

extension HostileScriptTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let what: String
        let body: String
        let reason: ScriptFailure.Reason
        /// A part of the message that tells what happened.
        var says = ""
        /// Line of the whole script, of which the body begins at 2; nil stands for any.
        var line: Int?
        var testDescription: String { what }
    }

    static let loops: [Attack] = [
        .init(what: "an endless loop", body: "while true do end", reason: .instructionLimit, line: 2),
        .init(what: "goto", body: "::again:: goto again", reason: .instructionLimit, line: 2),
        .init(what: "endless tail calls", body: "local function f() return f() end f()", reason: .instructionLimit),
        .init(
            what: "a loop that swallows every error",
            body: "while true do pcall(function() while true do end end) end",
            reason: .instructionLimit
        ),
        .init(
            what: "an error handler that loops",
            body: "xpcall(function() error('x') end, function() while true do end end)",
            reason: .instructionLimit
        ),
        .init(
            what: "a loop inside a coroutine",
            body: "coroutine.wrap(function() while true do end end)()",
            reason: .instructionLimit
        ),
        .init(
            what: "two coroutines that hand over for ever",
            body: "local c = coroutine.wrap(function() while true do coroutine.yield() end end)\nwhile true do c() end",
            reason: .instructionLimit
        ),
        .init(
            what: "a new coroutine for every hundred instructions",
            body: "while true do coroutine.wrap(function() for i = 1, 30 do end end)() end",
            reason: .instructionLimit
        ),
        .init(
            what: "coroutines kept for later",
            body: """
                local all = {}
                while true do
                    local c = coroutine.create(function() while true do coroutine.yield() end end)
                    all[#all % 50 + 1] = c
                    for _, c in ipairs(all) do coroutine.resume(c) end
                end
                """,
            reason: .instructionLimit
        ),
        .init(
            what: "a variable whose closing loops while an error unwinds",
            body: "local x <close> = setmetatable({}, {__close = function() while true do end end})\nerror('x')",
            reason: .instructionLimit
        ),
        .init(
            what: "closing a coroutine whose variable loops",
            body: """
                local c = coroutine.create(function()
                    local x <close> = setmetatable({}, {__close = function() while true do end end})
                    coroutine.yield()
                end)
                coroutine.resume(c) coroutine.close(c)
                """,
            reason: .instructionLimit
        ),
        .init(
            what: "a sort whose comparison loops",
            body: "table.sort({3, 2, 1}, function() while true do end end)",
            reason: .instructionLimit
        ),
        .init(
            what: "an __index function that calls itself through pairs",
            body: "local t = setmetatable({}, {__pairs = function(t) while true do end end})\nfor _ in pairs(t) do end",
            reason: .instructionLimit
        ),
        .init(
            what: "copies of the built-in decision without end",
            body: "while true do builtin() end",
            reason: .instructionLimit
        ),
    ]

    static let longCalls: [Attack] = [
        .init(
            what: "string.find with a pathological pattern",
            body: "return {string.find(('a'):rep(40000), ('.-'):rep(30) .. 'b')}",
            reason: .deadline
        ),
        .init(
            what: "string.gsub with a pathological pattern",
            body: "return {string.gsub(('a'):rep(100000), ('.*'):rep(20) .. 'b', '')}",
            reason: .deadline
        ),
        .init(
            what: "string.match with a pathological pattern, in a protected call",
            body: "while true do pcall(string.match, ('a'):rep(40000), ('a-'):rep(25) .. 'b') end",
            reason: .deadline
        ),
        .init(
            what: "string.gmatch with a pathological pattern",
            body: "for _ in string.gmatch(('a'):rep(1 << 20), '(.-)(.-)(.-)(.-)b') do end",
            reason: .deadline
        ),
        .init(what: "a move of a thousand billion places", body: "table.move({}, 1, 1 << 40, 2)", reason: .deadline),
        .init(
            what: "a pathological pattern inside a coroutine inside a sort",
            body: """
                table.sort({2, 1}, function()
                    return coroutine.wrap(function() return string.find(('a'):rep(40000), ('.-'):rep(30) .. 'b') end)()
                end)
                """,
            reason: .deadline
        ),
    ]

    static let memory: [Attack] = [
        .init(what: "a table without end", body: "local t = {} for i = 1, 1e9 do t[i] = {i} end", reason: .memoryLimit),
        .init(what: "text that doubles", body: "local s = 'x' while true do s = s .. s end", reason: .memoryLimit),
        .init(
            what: "string.rep within its bound, kept",
            body: "local t = {} for i = 1, 100 do t[i] = string.rep('x' .. i, 1 << 21) end",
            reason: .memoryLimit
        ),
        .init(
            what: "memory errors that are swallowed",
            body:
                "local t = {}\nwhile true do pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end end) end",
            reason: .memoryLimit
        ),
        .init(
            what: "table.concat of many large texts",
            body: "local t = {} for i = 1, 60 do t[i] = ('x'):rep(1 << 20) end return {table.concat(t)}",
            reason: .memoryLimit
        ),
        .init(
            what: "string.gsub that grows a text",
            body: "local s = ('x'):rep(1 << 14) return {(s:gsub('x', s))}",
            reason: .memoryLimit
        ),
        .init(
            what: "coroutines without end, all kept",
            body: "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end",
            // Whichever comes first: a coroutine costs about a KiB and 1,000 instructions.
            reason: .instructionLimit
        ),
        .init(
            what: "recursion without end",
            body: "local function f() return 1 + f() end return {f()}",
            reason: .memoryLimit
        ),
        .init(
            what: "a log without end is cut, and costs instructions",
            body: "while true do log(('x'):rep(1000)) end",
            reason: .instructionLimit
        ),
    ]

    static let reaching: [Attack] =
        ["os", "io", "require", "load", "loadstring", "dofile", "loadfile", "package", "debug", "collectgarbage"].map {
            .init(
                what: $0,
                body: "pcall(function()\nreturn \($0)\nend)",
                reason: .sandboxViolation,
                says: "\($0) is not available",
                line: 3
            )
        }

    static let refusals: [Attack] = [
        .init(
            what: "string.rep bomb",
            body: "return {string.rep('x', 1 << 40)}",
            reason: .scriptError,
            says: "string.rep would make more than",
            line: 2
        ),
        .init(
            what: "string.rep bomb by its separator",
            body: "return {string.rep('', 1 << 30, 'xx')}",
            reason: .scriptError,
            says: "string.rep would make more than"
        ),
        .init(
            what: "string.rep with a count that overflows",
            body: "return {string.rep('abc', math.maxinteger)}",
            reason: .scriptError,
            says: "string.rep would make more than"
        ),
        .init(
            what: "a finaliser, which hooks would not interrupt",
            body: "setmetatable({}, {__gc = function() while true do end end})",
            reason: .scriptError,
            says: "metatables cannot have __gc",
            line: 2
        ),
        .init(
            what: "the metatable of strings",
            body: "getmetatable('').__index = function() return 1 end",
            reason: .scriptError,
            says: "attempt to index a boolean value"
        ),
        .init(
            what: "the metatable of the globals",
            body: "setmetatable(_G, nil)",
            reason: .scriptError,
            says: "cannot change a protected metatable"
        ),
        .init(
            what: "an __index that is its own table",
            body: "local t = {} t.__index = t setmetatable(t, t) local x = t.x",
            reason: .scriptError,
            says: "loop"
        ),
        .init(
            what: "an __index function without end",
            body: "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) local x = t[1]",
            reason: .scriptError,
            says: "overflow"
        ),
        .init(
            what: "a __concat that concatenates",
            body: "local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) local x = t .. 'x'",
            reason: .scriptError,
            says: "overflow"
        ),
        .init(
            what: "coroutines inside coroutines",
            body: "local function f() coroutine.wrap(f)() end f()",
            reason: .scriptError,
            says: "C stack overflow"
        ),
        .init(
            what: "a sort that lies",
            body: "local t = {} for i = 1, 1e5 do t[i] = i % 7 end table.sort(t, function() return true end)",
            reason: .scriptError,
            says: "invalid order function"
        ),
        .init(
            what: "too many results",
            body: "return {table.unpack({}, 1, 1e7)}",
            reason: .scriptError,
            says: "too many"
        ),
        .init(
            what: "a width of many digits",
            body: "string.format('%99999d', 1)",
            reason: .scriptError,
            says: "invalid conversion"
        ),
        .init(what: "an address", body: "string.format('%-8p', {})", reason: .scriptError, says: "%p"),
        .init(what: "dumping a function", body: "string.dump(decide)", reason: .scriptError, says: "'dump'"),
        .init(what: "randomness", body: "math.random()", reason: .scriptError, says: "'random'"),
        .init(what: "a weak table", body: "setmetatable({}, {__mode = 'k'})", reason: .scriptError, says: "__mode"),
        .init(what: "a table as an error", body: "error({})", reason: .scriptError, says: "raised a table", line: 2),
        .init(what: "nothing as an error", body: "error()", reason: .scriptError, says: "raised a nil", line: 2),
        .init(
            what: "an error whose text would loop",
            body: "error(setmetatable({}, {__tostring = function() while true do end end}))",
            reason: .scriptError,
            says: "raised a table"
        ),
        .init(
            what: "an error of 4 MiB",
            body: "error(('x'):rep(1 << 22))",
            reason: .scriptError,
            says: "xxxx"
        ),
        .init(
            what: "an environment of its own does not bring load back",
            body: "local g = _G local _ENV = {} g.rawget(g, 'load')('x')",
            reason: .scriptError,
            says: "attempt to call a nil value"
        ),
        .init(
            what: "the iterator of pairs, called with nothing",
            body: "local step = pairs(input) step()",
            reason: .scriptError,
            says: "table expected"
        ),
        .init(
            what: "the iterator of pairs, called with a number as an error handler",
            body: "local ok, e = xpcall({}, pairs(input)) local step = pairs({1}) step(5, 6, 7)",
            reason: .scriptError,
            says: "table expected"
        ),
        .init(
            what: "iterating keys that have no order",
            body: "for _ in pairs({[decide] = 1}) do end",
            reason: .scriptError,
            says: "has no order"
        ),
    ]

    static let outputs: [Attack] = [
        .init(what: "no table", body: "return 5", reason: .badOutput, says: "a number instead of a table"),
        .init(what: "nothing", body: "", reason: .badOutput, says: "a nil instead of a table"),
        .init(
            what: "more than an answer may hold",
            body: "local t = {} for i = 1, 1e5 do t[i] = 'xxxxxxxxxxxxxxxxxxxx' end return t",
            reason: .badOutput,
            says: "the decision is larger than"
        ),
        .init(
            what: "two to the seventieth tables, all the same",
            body: "local t = {} for i = 1, 70 do t = {t, t} end return t",
            reason: .badOutput,
            says: "larger than"
        ),
        .init(
            what: "a table inside itself",
            body: "local t = {} t.t = t return t",
            reason: .badOutput,
            says: "holds itself"
        ),
        .init(
            what: "no number",
            body: "return {a = {{b = 0 / 0}}}",
            reason: .badOutput,
            says: "a[0].b is not a finite"
        ),
        .init(what: "infinity", body: "return {a = math.huge}", reason: .badOutput, says: "a is not a finite number"),
        .init(what: "a function", body: "return {a = {print}}", reason: .badOutput, says: "a[0] is a function"),
        .init(
            what: "a list with holes",
            body: "return {a = {1, nil, 3}}",
            reason: .badOutput,
            says: "a is a list with holes"
        ),
        .init(
            what: "a list that is an object",
            body: "return {a = {1, x = 2}}",
            reason: .badOutput,
            says: "both names"
        ),
        .init(
            what: "a strange key",
            body: "return {[1.5] = 1}",
            reason: .badOutput,
            says: "neither text nor a position"
        ),
        .init(what: "bytes that are no text", body: #"return {a = "\xff\xfe"}"#, reason: .badOutput, says: "not UTF-8"),
    ]
}
