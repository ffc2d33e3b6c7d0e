import Scripts
import Testing

/// Every way out of a budget that we know of, each with the reason that must come back.
@Suite("Hostile scripts end within their budget, and the verdict names the reason")
struct HostileScriptTests {
    @Test(
        "it ends for the right reason",
        arguments: [loops, longCalls, memory, reaching, refusals, outputs].flatMap { $0 }
    )
    func attack(_ attack: Attack) async throws {
        let run = try await ScriptBench.decide(attack.body)

        let failure = try #require(run.failure, "it answered \(run.result)")
        #expect(failure.reason == attack.reason, "\(failure)")
        #expect(failure.message.contains(attack.says), "\(failure)")
        #expect(failure.message.utf8.count <= 1024)
        if let line = attack.line { #expect(failure.line == line, "\(failure)") }
        #expect(run.peakMemoryBytes < ScriptBench.limits.memoryBytes + 4 << 20)
        #expect(run.log.joined().utf8.count <= 16 << 10)
    }

    struct Source: Sendable, CustomTestStringConvertible {
        let what: String
        let source: String
        let says: String
        var testDescription: String { what }
    }

    static let sources: [Source] = [
        .init(what: "no decide", source: "x = 1", says: "defines no function decide"),
        .init(what: "a decide that is no function", source: "decide = {}", says: "defines no function decide"),
        .init(what: "bytecode", source: "\u{1B}Lua\u{54}\0\u{19}", says: "binary chunk"),
        .init(what: "a syntax error", source: "function decide(\nreturn end", says: "expected"),
        .init(what: "brackets without end", source: "x = " + String(repeating: "(", count: 100_000), says: "overflow"),
        .init(what: "tables without end", source: "x = " + String(repeating: "{", count: 100_000), says: "overflow"),
        .init(
            what: "too many variables",
            source: (0..<300).map { "local a\($0)\n" }.joined(),
            says: "too many local variables"
        ),
        .init(what: "a goto without a label", source: "goto nowhere", says: "nowhere"),
        .init(what: "nothing at all", source: "", says: "defines no function decide"),
    ]

    @Test("a source that is no script is refused", arguments: sources)
    func source(_ source: Source) async throws {
        let failure = try #require(try await ScriptBench.run(source.source).failure)

        #expect(failure.reason == .scriptError)
        #expect(failure.message.contains(source.says), "\(failure)")
    }

    @Test("what runs while the script is loaded counts too")
    func loading() async throws {
        #expect(try await ScriptBench.run("while true do end").failure?.reason == .instructionLimit)
        #expect(try await ScriptBench.run("local p = os").failure?.reason == .sandboxViolation)
    }

    @Test("bytecode of a real function is refused whatever its name")
    func bytecode() async throws {
        // The start of a chunk as Lua 5.4 writes it: signature, version, format, LUAC_DATA.
        let chunk = "\u{1B}Lua\u{54}\u{00}\u{19}\u{13}\r\n\u{1A}\n\u{04}\u{08}\u{08}xV"
        let failure = try #require(try await ScriptBench.run(chunk).failure)

        #expect(failure.reason == .scriptError)
        #expect(failure.message.contains("binary chunk"))
    }
}

extension ScriptRun {
    var failure: ScriptFailure? {
        if case .failure(let failure) = result { failure } else { nil }
    }
}
