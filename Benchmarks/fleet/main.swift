import Contract
import Engines
import Glibc

// Usage: fleet-benchmark [ROUNDS]: the ghost probe on 50,000 instances, the volume cleanup on 100,000 volumes and 20,000
// persistent volumes, the office hours on 10,000 workloads. "decide" is the engine alone, from a request that was read;
// "read" turns the parsed request into the engine's input; "parse" is the JSON. Processor time, the best of the rounds.

/// Processor time of this process in milliseconds: other programs on the machine do not disturb it much.
func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
}

func measure<Result>(_ best: inout Double, _ body: () throws -> Result) rethrows -> Result {
    let start = processorMilliseconds()
    let result = try body()
    best = min(best, processorMilliseconds() - start)
    return result
}

func run<Engine: DecisionEngine>(_ name: String, _ engine: Engine.Type, _ body: [UInt8], rounds: Int) throws {
    var parse = Double.infinity
    var read = Double.infinity
    var decide = Double.infinity
    var decision: Decision?
    for _ in 0..<rounds {
        let request = try measure(&parse) {
            try DecisionRequest(body: body, type: Engine.type, limits: JSONLimits(maximumBytes: 1 << 30))
        }
        let engine = try measure(&read) { try Engine(request, defaults: EngineDefaults(region: "us-east-1")) }
        decision = try measure(&decide) { try engine.decide(in: BenchmarkWorld.market, now: BenchmarkWorld.now) }
    }
    func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
    print(
        name,
        "bytes",
        body.count,
        "parse_ms",
        rounded(parse),
        "read_ms",
        rounded(read),
        "decide_ms",
        rounded(decide),
        "recommendations",
        decision?.recommendations.count ?? 0,
        "savings",
        decision?.estimatedSavings ?? 0
    )
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
try run("ghost-probe 50000 instances", GhostProbe.self, BenchmarkWorld.ghosts(50_000), rounds: rounds)
try run(
    "volume-cleanup 100000 volumes 20000 pvs",
    VolumeCleanup.self,
    BenchmarkWorld.volumes(100_000, 20_000),
    rounds: rounds
)
try run("schedule 10000 workloads", OfficeHours.self, BenchmarkWorld.workloads(10_000), rounds: rounds)
