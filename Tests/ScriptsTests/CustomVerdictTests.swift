import Contract
import Engines
import Scripts
import Testing

@Suite("What a script's answer becomes")
struct CustomVerdictTests {
    static let request: DecisionRequest = {
        let body: JSONValue = ["cluster_state": ["nodes": []], "requirements": ["cpu": 2], "cluster_id": "c"]
        guard let request = try? DecisionRequest(body, type: .spotOptimize) else { fatalError("no request") }
        return request
    }()

    private static func verdict(_ body: String, engine change: (inout CustomEngine) -> Void = { _ in }) async throws
        -> CustomVerdict
    {
        var engine = ScriptBench.engine("function decide(input, config)\n\(body)\nend")
        change(&engine)
        let builtin = ScriptBench.builtin
        do throws(ScriptFailure) {
            let question = try engine.question(
                request,
                builtin: builtin,
                market: ScriptBench.market,
                now: ScriptBench.now
            )
            return await judged(engine, question)
        } catch {
            return CustomVerdict(engine, ScriptRun(failure: error), builtin: builtin)
        }
    }

    private static func judged(_ engine: CustomEngine, _ question: ScriptQuestion) async -> CustomVerdict {
        let run = try? await ScriptBench.sandbox.run(question)
        let none = ScriptRun(failure: ScriptFailure(.deadline, "cancelled"))
        return CustomVerdict(engine, run ?? none, builtin: ScriptBench.builtin)
    }

    private static func decision(_ body: String) async throws -> Decision {
        try await verdict(body).result.get()
    }

    @Test("the built-in decision, passed on, is the same decision under the engine's name")
    func passedOn() async throws {
        let verdict = try await Self.verdict("log('hello') return builtin()")
        let decision = verdict.answer(builtin: ScriptBench.builtin)
        let builtin = ScriptBench.builtin

        #expect(DecisionDifference(given: builtin, tried: decision).isSame)
        #expect(decision.plan == builtin.plan)
        #expect(decision.rejected == builtin.rejected)
        #expect(decision.warnings == builtin.warnings)
        #expect(decision.dataQuality == builtin.dataQuality)
        #expect(decision.engineVersion == "veto 2")
        #expect(decision.metadata["usd_figures"]?["recommendations"]?.string == "built_in")
        #expect(decision.sources.last?.kind == "custom_engine")
        #expect(decision.sources.last?.fetchedAt == ScriptBench.now)
        #expect(decision.customEngine?["outcome"]?.string == "answered")
        #expect(decision.evidence?["pools"] == [])
        #expect(decision.evidence?["custom_engine"]?["log"] == ["hello"])
    }

    @Test("whatever a built-in engine decides may be passed on as it is", arguments: DecisionType.allCases)
    func everyEngine(_ type: DecisionType) async throws {
        guard let builtinEngine = DecisionEngines.engine(for: type) else { return }
        let body: JSONValue = ["cluster_state": [:], "requirements": ["ec2_instances": [], "volumes": []]]
        let request = try DecisionRequest(body, type: type)
        let builtin = try builtinEngine.init(request, defaults: EngineDefaults(region: "us-east-1"))
            .decide(in: ScriptBench.market, now: ScriptBench.now)
        var engine = ScriptBench.engine("function decide() return builtin() end")
        engine.type = type
        let question = try engine.question(
            request,
            builtin: builtin,
            market: ScriptBench.market,
            now: ScriptBench.now
        )
        let verdict = CustomVerdict(engine, try await ScriptBench.sandbox.run(question), builtin: builtin)

        #expect(DecisionDifference(given: builtin, tried: try verdict.result.get()).isSame)
    }

    @Test("the request reaches the script in one shape")
    func request() async throws {
        let decision = try await Self.decision(
            "local d = builtin() d.metadata = {cpu = input.requirements.cpu, c = input.cluster_id, t = input.decision_type, n = #input.cluster_state.nodes} return d"
        )

        #expect(decision.metadata["cpu"]?.integer == 2)
        #expect(decision.metadata["c"]?.string == "c")
        #expect(decision.metadata["t"]?.string == "spot_optimize")
        #expect(decision.metadata["n"]?.integer == 0)
    }

    @Test("every step of a script must be confirmed, but those that only look and those the built-in engine trusts")
    func confirmation() async throws {
        let decision = try await Self.decision(
            """
            local d = builtin()
            local function add(action, parameters) table.insert(d.execution_plan, {action = action, parameters = parameters, requires_confirmation = false}) end
            add("launch_spot_instance", {instance_type = "c5.large"})
            add("verify_node") add("notify_team") add("delete_volume", {id = "v"}) add("verifyx") add("Wait_for_ready")
            d.execution_plan[2].requires_confirmation = false
            return d
            """
        )

        #expect(
            decision.plan.map { [$0.action, $0.requiresConfirmation ? "confirm" : "go"] } == [
                // The built-in engine's own, unchanged.
                ["launch_spot_instance", "go"], ["terminate_instance", "confirm"],
                // The same action on something else is another step.
                ["launch_spot_instance", "confirm"], ["verify_node", "go"], ["notify_team", "go"],
                ["delete_volume", "confirm"], ["verifyx", "confirm"], ["Wait_for_ready", "go"],
            ]
        )
    }

    @Test("figures of the script's own are marked, one by one")
    func figures() async throws {
        let decision = try await Self.decision(
            "local d = builtin() d.recommendations[2].monthly_cost = 1 d.estimated_savings = d.estimated_savings + 1 return d"
        )

        #expect(decision.recommendations[0]["figures_from"] == nil)
        #expect(decision.recommendations[1]["figures_from"]?.string == "custom engine veto 2")
        #expect(
            decision.metadata["usd_figures"] == [
                "estimated_savings": "custom_engine", "recommendations": "custom_engine",
            ]
        )
    }

    @Test("an empty answer is a decision too: nothing is recommended")
    func nothing() async throws {
        let decision = try await Self.decision(
            "return {recommendations = {}, confidence_score = 0, estimated_savings = 0}"
        )

        #expect(decision.recommendations.isEmpty)
        #expect(decision.plan.isEmpty)
        #expect(decision.rejected == ScriptBench.builtin.rejected)
    }

    static let bad: [(body: String, says: String)] = [
        ("return {}", "recommendations is missing"),
        ("return {recommendations = {}, estimated_savings = 0}", "confidence_score is missing"),
        ("return {recommendations = {}, confidence_score = 1}", "estimated_savings is missing"),
        ("local d = builtin() d.confidence_score = 1.01 return d", "confidence_score must be 0 to 1"),
        ("local d = builtin() d.confidence_score = '0.5' return d", "confidence_score must be a number"),
        ("local d = builtin() d.estimated_savings = 1e13 return d", "estimated_savings must be"),
        ("local d = builtin() d.recommendations = 5 return d", "recommendations must be a list"),
        ("local d = builtin() d.recommendations = {a = 1} return d", "recommendations must be a list"),
        ("local d = builtin() d.recommendations[1] = 'm5.large' return d", "recommendations[0] must be an object"),
        (
            "local d = builtin() d.recommendations[1].instance_type = null return d",
            "recommendations[0].instance_type is missing"
        ),
        ("local d = builtin() d.execution_plan = {{}} return d", "execution_plan[0].action is missing"),
        (
            "local d = builtin() d.execution_plan[1].timeout_seconds = -1 return d",
            "timeout_seconds must not be negative"
        ),
        (
            "local d = builtin() d.execution_plan[1].requires_confirmation = 'no' return d",
            "requires_confirmation must be true or false"
        ),
        ("local d = builtin() d.rejected = {{candidate = 'x'}} return d", "rejected[0].reason is missing"),
        ("local d = builtin() d.warnings = {('x'):rep(5000)} return d", "warnings[0] must not exceed"),
        ("local d = builtin() d.savings = 1 return d", "savings is no member of a decision"),
        (
            "local d = builtin() local r = {candidate = 'x', reason = 'y'} for i = 1, 200001 do d.rejected[i] = r end return d",
            "larger than"
        ),
    ]

    @Test("an answer that is no decision is refused with its place", arguments: bad)
    func badAnswer(_ body: String, _ says: String) async throws {
        let verdict = try await Self.verdict(body)
        guard case .failure(let failure) = verdict.result else {
            Issue.record("it was taken: \(body)")
            return
        }

        #expect(failure.reason == .badOutput)
        #expect(failure.message.contains(says), "\(failure)")
        let answer = verdict.answer(builtin: ScriptBench.builtin)
        #expect(answer.recommendations == ScriptBench.builtin.recommendations)
        #expect(answer.usesFallback)
        #expect(answer.warnings.last?.contains("bad_output") == true)
        #expect(answer.customEngine?["outcome"]?.string == "bad_output")
    }

    @Test("what the engine declared is checked on both sides")
    func schemas() async throws {
        let needs = try JSONSchema(JSONReader(["properties": ["requirements": ["required": ["memory_gb"]]]]))
        let unfit = try await Self.verdict("return builtin()") { $0.inputSchema = needs }
        #expect(unfit.run.failure?.reason == .badInput)
        #expect(unfit.run.failure?.message.contains("requirements.memory_gb is missing") == true)

        let gives = try JSONSchema(JSONReader(["properties": ["recommendations": ["maxItems": 1]]]))
        let many = try await Self.verdict("return builtin()") { $0.outputSchema = gives }
        guard case .failure(let failure) = many.result else {
            Issue.record("two recommendations were taken")
            return
        }
        #expect(failure.description.contains("recommendations must hold at most 1 items"))
    }

    @Test("a script cannot make doubtful data better, and can make them worse")
    func quality() async throws {
        let better = try await Self.decision("local d = builtin() d.data_quality_score = 1 d.warnings = {} return d")
        #expect(better.dataQuality == 0.9)
        #expect(better.warnings == ["the feed is old"])

        let worse = try await Self.decision(
            "local d = builtin() d.data_quality_score = 0.2 d.uses_fallback = true table.insert(d.warnings, 'new') return d"
        )
        #expect(worse.dataQuality == 0.2)
        #expect(worse.usesFallback)
        #expect(worse.warnings == ["the feed is old", "new"])
    }
}
