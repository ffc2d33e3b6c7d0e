import Foundation
import QueueModel
import Testing

@Suite("The simulated queue keeps every promise, whatever goes wrong")
struct SimulatorTests {
    private static func setting(_ name: String, or fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    /// Schedules between two looks at whether other tests want the thread.
    private static let breath: UInt64 = 50
    /// Schedules between two lines that a soak shows.
    private static let milestone: UInt64 = 500_000

    @Test("no schedule of a seed's faults breaks an invariant")
    func schedules() async throws {
        let first = UInt64(Self.setting("CLOUDOPTIM_SIM_SEED", or: 0))
        let count = UInt64(Self.setting("CLOUDOPTIM_SIM_SCHEDULES", or: 200_000))
        let halves = [first..<first + count / 2, first + count / 2..<first + count]

        let found = await withTaskGroup(of: Counterexample?.self) { group in
            for half in halves { group.addTask { await Self.search(half) } }
            return await group.reduce(into: [Counterexample]()) { found, one in
                if let one { found.append(one) }
            }
        }

        for counterexample in found { Issue.record("\(counterexample.report)") }
        if found.isEmpty {
            print("soak simulation: seeds \(first) to \(first + count - 1) hold; go on with \(first + count)")
        }
    }

    private static func search(_ seeds: Range<UInt64>) async -> Counterexample? {
        for start in stride(from: seeds.lowerBound, to: seeds.upperBound, by: Int(breath)) {
            if let found = Simulator.search(start..<min(start + breath, seeds.upperBound)) { return found }
            let done = start - seeds.lowerBound
            if done > 0, done % milestone == 0 {
                print("soak simulation: seeds \(seeds.lowerBound) to \(start - 1) hold")
            }
            await Task.yield()
        }
        return nil
    }

    @Test("everything that can happen to a job happens in some schedule")
    func coverage() {
        #expect(Simulator.missing(in: 0..<5000) == [])
    }

    @Test("the same seed tells the same story")
    func deterministic() {
        for seed in 0..<50 as Range<UInt64> {
            var first = World(WorldPlan(seed: seed), tellsStory: true)
            var second = World(WorldPlan(seed: seed), tellsStory: true)
            #expect(first.run() == second.run())
            #expect(first.story == second.story)
            #expect(!first.story.isEmpty)
        }
    }

    @Test("a counterexample shrinks to its cause, and says how to see it again")
    func shrinking() throws {
        let found = try #require(Simulator.search(0..<10_000, flaw: .ignoresRedisLoss))
        let small = found.shrunk()
        #expect(small.violation.invariant == .neverEnds)
        #expect(small.plan.faults.count == 1)
        #expect(small.plan.jobs.count { $0.isSubmitted } == 1)
        #expect(found.report.contains("CLOUDOPTIM_SIM_SEED=\(found.plan.seed) CLOUDOPTIM_SIM_SCHEDULES=1 ./test"))
        // What is printed can be run again: the seed alone leads to the same violation.
        #expect(Simulator.violation(of: WorldPlan(seed: found.plan.seed), flaw: .ignoresRedisLoss) == found.violation)
    }
}
