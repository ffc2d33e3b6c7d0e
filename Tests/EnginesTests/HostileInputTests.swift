import Contract
import Engines
import OracleSupport
import Testing

/// What no engine may do, whatever it is sent: trap, hang, answer without a reason, or destroy without asking.
///
/// Runs over every engine there is, so an engine that is added later is covered from then on.
@Suite("Hostile input")
struct HostileInputTests {
    static let types = DecisionEngines.all.map { $0.type }

    @Test("every hostile document gets a decision or a clear error", .timeLimit(.minutes(10)), arguments: types)
    func documents(type: DecisionType) throws {
        for (name, document) in HostileDocuments.all {
            let outcome = try HostileRun.outcome(document, type)
            try HostileRun.check(outcome, "\(type.rawValue), \(name)")
            // The same again gives the same bytes.
            #expect(
                try HostileRun.outcome(document, type) == outcome,
                "\(type.rawValue), \(name) differs on a second run"
            )
        }
    }

    @Test("a long list of garbage is reported item by item", .timeLimit(.minutes(10)), arguments: types)
    func garbage(type: DecisionType) throws {
        let outcome = try HostileRun.outcome(HostileDocuments.garbage(50_000), type)
        try HostileRun.check(outcome, type.rawValue)
    }

    @Test("a document that is too deep, no JSON or no UTF-8 is refused with a hint", arguments: types)
    func unreadable(type: DecisionType) throws {
        let deep = String(repeating: "[", count: 5000)
        let bodies: [[UInt8]] = [
            [], Array("{".utf8), Array("NaN".utf8), Array(#"{"requirements":{"a":NaN}}"#.utf8),
            Array(#"{"requirements":{"a":1e999}}"#.utf8), Array("{\"cluster_state\":\(deep)".utf8), [0xFF, 0xFE, 0x00],
            Array(#"{"cluster_state":{},"requirements":{"a":1,"a":2}}"#.utf8), Array("{\"a\":\"\u{1}\"}".utf8),
            Array("[]".utf8), Array("null".utf8), Array("7".utf8), Array(#""text""#.utf8),
        ]
        for body in bodies {
            let error = #expect(throws: APIError.self) {
                let request = try DecisionRequest(body: body, type: type)
                _ = try HostileRun.decide(request, type)
            }
            guard let error else { continue }
            #expect((400..<500).contains(error.status), "\(error)")
            #expect(!error.hint.isEmpty)
        }
    }

    @Test("a document of 200 MB is refused by its size, whatever is in it and whoever is asked")
    func enormous() throws {
        // No JSON either: the size is found first, so nothing of it was read. One body for all, for the memory's sake.
        let body = [UInt8](repeating: UInt8(ascii: "{"), count: 200 << 20)
        for type in Self.types {
            let error = #expect(throws: APIError.self) { try DecisionRequest(body: body, type: type) }
            #expect(error?.code == .payloadTooLarge && error?.hint.isEmpty == false)
        }
    }

    @Test("well-formed requests of every kind are answered by every engine", arguments: types)
    func samples(type: DecisionType) throws {
        for (name, document) in HostileDocuments.samples(type) {
            guard case .decision = try HostileRun.outcome(document, type) else {
                Issue.record("\(type.rawValue) refuses the sample '\(name)': \(try HostileRun.outcome(document, type))")
                continue
            }
        }
    }

    @Test("the order of lists does not matter", arguments: types)
    func order(type: DecisionType) throws {
        var random = SeededGenerator(seed: 3)
        for (name, document) in HostileDocuments.samples(type) {
            let first = try HostileRun.outcome(document, type)
            for _ in 0..<4 {
                let other = try HostileRun.outcome(HostileMutation.shuffled(document, &random), type)
                #expect(other.withoutPlaces == first.withoutPlaces, "\(type.rawValue), \(name)")
            }
        }
    }

    @Test("requests damaged at random get a decision or a clear error", .timeLimit(.minutes(10)), arguments: types)
    func fuzz(type: DecisionType) throws {
        for (number, (name, document)) in HostileDocuments.samples(type).enumerated() {
            var random = SeededGenerator(seed: UInt64(number) &+ 1000)
            for round in 0..<90 {
                var mutation = HostileMutation(random: random)
                let damaged = mutation.damaged(document, times: 1 + round % 4)
                random = mutation.random
                let note = "\(type.rawValue), \(name), round \(round): \(mutation.log.joined(separator: "; "))"
                let outcome = try HostileRun.outcome(damaged, type)
                try HostileRun.check(outcome, note)
                #expect(try HostileRun.outcome(damaged, type) == outcome, "\(note): differs on a second run")
                // Of two items with one name the first counts: then the order does matter.
                guard !mutation.hasRepeated else { continue }
                let turned = HostileMutation.shuffled(damaged, &random)
                let (after, before) = (try HostileRun.outcome(turned, type).withoutPlaces, outcome.withoutPlaces)
                #expect(after == before, "\(note): the order of lists matters: \(Self.difference(before, after))")
            }
        }
    }
}

extension HostileInputTests {
    /// Where two texts part, with what stands there in each.
    fileprivate static func difference(_ left: String, _ right: String) -> String {
        let common = zip(left, right).prefix { $0 == $1 }.count
        let start = max(0, common - 40)
        return "«\(left.dropFirst(start).prefix(240))» is now «\(right.dropFirst(start).prefix(240))»"
    }
}

/// One request through one engine.
enum HostileRun {
    enum Outcome: Equatable {
        case decision(Decision)
        case refused(APIError)

        /// Everything but the places of items, which move when lists are shuffled.
        var withoutPlaces: String {
            switch self {
            case .refused(let error) where error.code == .malformedJSON:
                // A document that cannot be read is refused at its first fault: where that stands moves as well, line, byte
                // and path. What a value can be damaged to is well-formed, so the fault itself is always the depth.
                let fault = error.message.split(separator: " at line ", maxSplits: 1).first.map(String.init) ?? ""
                return "\(error.code.rawValue) \(fault) \(error.status) \(error.hint)"
            case .refused(let error): return "\(error.code.rawValue) \(Self.withoutNumbers(error.message))"
            case .decision(var decision):
                let problems = decision.itemProblems.map {
                    Self.withoutNumbers("\($0.field) \($0.code) \($0.message)")
                }
                decision.itemProblems = []
                return HostileRun.text(decision) + problems.sorted().joined(separator: "\n")
            }
        }

        private static func withoutNumbers(_ text: String) -> String {
            var result = ""
            var isIndex = false
            for character in text {
                if character == "[" { isIndex = true }
                if !isIndex { result.append(character) }
                if character == "]" { isIndex = false }
            }
            return result
        }
    }

    /// First words of steps that cannot be taken back.
    private static let destructive: Set<String> = [
        "terminate", "delete", "drain", "evict", "stop", "restart", "rolling", "move", "destroy", "kill", "remove",
    ]

    static func text(_ decision: Decision) -> String {
        let envelope = DecisionEnvelope(requestID: "r", timestamp: Market.noon, processingMilliseconds: 0)
        return DecisionResponse(decision, envelope).json.text()
    }

    static func outcome(_ document: JSONValue, _ type: DecisionType) throws -> Outcome {
        do throws(APIError) {
            let request = try DecisionRequest(body: document.bytes(), type: type)
            return .decision(try decide(request, type))
        } catch {
            return .refused(error)
        }
    }

    static func decide(_ request: DecisionRequest, _ type: DecisionType) throws(APIError) -> Decision {
        guard let kind = DecisionEngines.engine(for: type) else { throw APIError(.notFound, "no engine") }
        let engine = try kind.init(request, defaults: EngineDefaults(region: "us-east-1"))
        let key = engine.marketKey
        var market = market
        market.region = key.region
        market.operatingSystem = key.operatingSystem
        return try engine.decide(in: market, now: Market.noon)
    }

    /// A small market in which every price is known.
    private static let market: RegionMarket = {
        let rows = ["m5.large", "m5.xlarge", "m6i.large", "m6i.xlarge", "c5.xlarge", "r5.large"].map {
            Market.Row(name: $0, vcpus: $0.hasSuffix(".large") ? 2 : 4, gib: $0.hasSuffix(".large") ? 8 : 16)
        }
        var market = (try? Market.make(rows)) ?? RegionMarket(region: "us-east-1")
        market.knownRegions = ["eu-west-1", "us-east-1", "us-west-2"]
        market.services = ServicePrices(
            usd: Dictionary(uniqueKeysWithValues: ServiceItem.allCases.map { ($0, 0.01) }),
            source: DataSource(kind: "service_prices", name: "list", fetchedAt: Market.noon)
        )
        return market
    }()

    static func check(_ outcome: Outcome, _ note: String) throws {
        switch outcome {
        case .refused(let error):
            #expect((400..<500).contains(error.status), "\(note): \(error)")
            #expect(error.field?.isEmpty == false || error.status != 422, "\(note): no field in \(error)")
            #expect(!error.hint.isEmpty, "\(note)")
        case .decision(let decision):
            #expect((0...1).contains(decision.confidence), "\(note): confidence \(decision.confidence)")
            #expect((0...1).contains(decision.dataQuality), "\(note): quality \(decision.dataQuality)")
            #expect(decision.estimatedSavings.isFinite, "\(note)")
            for step in decision.plan where isDestructive(step) {
                #expect(step.requiresConfirmation, "\(note): \(step.action) without confirmation")
            }
            let text = text(decision)
            #expect(throws: Never.self, "\(note): the answer is no JSON") { try JSONParser.parse(Array(text.utf8)) }
        }
    }

    private static func isDestructive(_ step: ExecutionStep) -> Bool {
        destructive.contains(step.action.split(separator: "_").first.map(String.init) ?? "")
    }
}
