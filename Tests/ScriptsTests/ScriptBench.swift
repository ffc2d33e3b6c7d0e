import Contract
import Engines
import Scripts

/// Runs scripts in the real sandbox, with a small market and a built-in decision of two recommendations.
enum ScriptBench {
    /// Less than the standard, so that a runaway costs a test little; the rules are the same.
    static let limits = ScriptLimits(
        instructions: 5_000_000,
        memoryBytes: 32 << 20,
        processorMilliseconds: 400,
        patience: .seconds(60),
        outputBytes: 1 << 20,
        inputBytes: 8 << 20
    )
    static let sandbox = ScriptSandbox(limits: limits)
    static let now = Timestamp(secondsSinceEpoch: 1_790_000_000)

    static var market: RegionMarket {
        RegionMarket(
            region: "us-east-1",
            zones: ["us-east-1a", "us-east-1b"],
            advisor: [.init(instanceType: "m5.large", band: InterruptionBand.standard[1], savingsPercent: 61)],
            onDemand: ["m5.large": 0.096, "c5.large": 0.085, "free.large": 0],
            spotPrices: [
                .init(
                    instanceType: "m5.large",
                    zone: "us-east-1b",
                    points: [.init(at: now, price: 0.041)]
                ),
                .init(
                    instanceType: "m5.large",
                    zone: "us-east-1a",
                    points: [
                        .init(at: Timestamp(secondsSinceEpoch: 1_789_000_000), price: 0.030),
                        .init(at: now, price: 0.035),
                    ]
                ),
            ],
            catalogue: ["m5.large", "c5.large"].reduce(into: [:]) { catalogue, name in
                catalogue[name] = InstanceSpec(name: name, vcpus: 2, memoryMiB: 8192, maximumPods: 29)
            },
            services: ServicePrices(usd: [.gp3Storage: 0.08]),
            onDemandSource: DataSource(kind: "on_demand_prices", name: "test", fetchedAt: now)
        )
    }

    static var builtin: Decision {
        Decision(
            type: .spotOptimize,
            recommendations: [
                ["instance_type": "m5.large", "monthly_cost": 25.55, "node_count": 2, "availability_zone": nil],
                ["instance_type": "c5.large", "monthly_cost": 31.0, "node_count": 2, "tags": []],
            ],
            confidence: 0.875,
            estimatedSavings: 89.06,
            plan: [
                ExecutionStep(
                    "launch_spot_instance",
                    parameters: ["instance_type": "m5.large"],
                    description: "Launch."
                ),
                ExecutionStep("terminate_instance", requiresConfirmation: true, description: "Terminate."),
            ],
            metadata: ["rank_by": "cost"],
            evidence: ["pools": []],
            dataQuality: 0.9,
            warnings: ["the feed is old"],
            sources: [DataSource(kind: "on_demand_prices", name: "test", fetchedAt: now)],
            rejected: {
                var rejections = Rejections()
                rejections.add(Rejection("t3.micro", "below_memory"))
                return rejections
            }(),
            engineVersion: "1.0.0"
        )
    }

    static func engine(_ source: String, config: JSONObject = [:]) -> CustomEngine {
        CustomEngine(
            id: "0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e",
            name: "veto",
            version: "2",
            type: .spotOptimize,
            source: source,
            sha256: String(repeating: "ab", count: 32),
            uploadedAt: now,
            config: config
        )
    }

    /// Runs a whole script.
    static func run(
        _ source: String,
        input: JSONValue = ["n": 3],
        config: JSONObject = [:],
        in sandbox: ScriptSandbox = sandbox
    ) async throws -> ScriptRun {
        try await sandbox.run(
            ScriptQuestion(source: source, input: input, config: config, market: market, builtin: builtin, now: now)
        )
    }

    /// Runs `decide` with this body.
    static func decide(_ body: String, input: JSONValue = ["n": 3]) async throws -> ScriptRun {
        try await run("function decide(input, config)\n\(body)\nend", input: input)
    }

    /// What `decide` returned; fails the test's call when it did not.
    static func value(_ body: String, input: JSONValue = ["n": 3]) async throws -> JSONValue {
        try await decide(body, input: input).result.get()
    }
}
