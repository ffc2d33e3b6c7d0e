import Foundation
import QueueModel
import Testing

@Suite("No interleaving of a small queue breaks an invariant, and a good end stays in reach")
struct ModelCheckerTests {
    /// The soak of the simulator explores the larger worlds, too.
    private static let isLarge = ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK"] == "simulation"

    @Test(
        "every state of a small world is safe and can still end well",
        arguments: isLarge ? CheckedWorld.small + CheckedWorld.large : CheckedWorld.small
    )
    func explores(_ world: CheckedWorld) {
        var checker = ModelChecker(world, limit: 100_000_000)
        let verdict = checker.run()

        print(
            "soak simulation: \(world.name): \(verdict.states) states, \(verdict.steps) steps, depth \(verdict.depth)"
        )
        #expect(verdict.isComplete)
        #expect(verdict.states > 1000)
        if let broken = verdict.broken {
            Issue.record("not so: \(broken.rawValue)\n\(verdict.trace.joined(separator: "\n"))")
        }
    }

    @Test("a counterexample is a shortest one, in words")
    func trace() throws {
        let world = try #require(CheckedWorld.world(showing: .ignoresRedisLoss))
        var checker = ModelChecker(world)
        let verdict = checker.run()
        #expect(verdict.broken == .neverEnds)
        #expect(
            verdict.trace == [
                "job 0 is accepted, to be rung by the one who accepted it", "the ring of job 0 is carried out",
                "Redis is flushed",
            ]
        )
    }
}
