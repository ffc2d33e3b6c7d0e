/// Runs worlds by seed, and makes a counterexample small.
package enum Simulator {
    /// The first violation among these seeds; nil when all is well.
    package static func search(_ seeds: Range<UInt64>, flaw: Flaw = .none) -> Counterexample? {
        for seed in seeds {
            let plan = WorldPlan(seed: seed)
            var world = World(plan, flaw: flaw)
            if let violation = world.run() { return Counterexample(plan: plan, flaw: flaw, violation: violation) }
        }
        return nil
    }

    /// What never happened in any of these worlds, though it should.
    package static func missing(in seeds: Range<UInt64>) -> [Occurrence] {
        var seen = Occurrences()
        for seed in seeds {
            var world = World(WorldPlan(seed: seed))
            _ = world.run()
            seen.add(world.seen)
        }
        return Occurrence.allCases.filter { !seen.contains($0) }
    }

    /// The violation of one plan; nil when all is well.
    package static func violation(of plan: WorldPlan, flaw: Flaw = .none) -> Violation? {
        var world = World(plan, flaw: flaw)
        return world.run()
    }
}

/// A plan under which an invariant does not hold.
package struct Counterexample: Sendable {
    package var plan: WorldPlan
    package let flaw: Flaw
    package var violation: Violation

    /// The same violation with as few faults, jobs' quirks and processes as still lead to it.
    ///
    /// Takes away one thing after another and keeps what still fails, until nothing more can go.
    package func shrunk() -> Counterexample {
        var smallest = self
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for candidate in smallest.plan.simpler() {
                guard let (plan, violation) = stillFailing(candidate) else { continue }
                smallest.plan = plan
                smallest.violation = violation
                isSmaller = true
                break
            }
        }
        return smallest
    }

    /// The candidate with some order of events in which it fails as before; nil when few tries find none.
    ///
    /// Taking anything away changes what the dice mean for everything after it.
    private func stillFailing(_ candidate: WorldPlan) -> (WorldPlan, Violation)? {
        var plan = candidate
        for draw in 0..<Self.drawsPerCandidate {
            if draw > 0 { plan.noise = plan.seed &+ draw &* 0x9E37 }
            if let violation = Simulator.violation(of: plan, flaw: flaw),
                violation.invariant == self.violation.invariant
            {
                return (plan, violation)
            }
        }
        return nil
    }

    /// Enough to find most orders that fail, few enough to shrink within seconds.
    private static let drawsPerCandidate: UInt64 = 100

    /// Everything a person needs: what broke, the smallest plan, the story, and how to see it again.
    package var report: String {
        let small = shrunk()
        var world = World(small.plan, flaw: flaw, tellsStory: true)
        _ = world.run()
        return """
            seed \(plan.seed): \(violation)
            the smallest plan that still fails so:
            \(small.plan.description)
            what happened (job and process numbers as in the plan):
              \(world.story.suffix(80).joined(separator: "\n  "))
              \(small.violation)
            to see it again: CLOUDOPTIM_SIM_SEED=\(plan.seed) CLOUDOPTIM_SIM_SCHEDULES=1 ./test SimulatorTests
            """
    }
}
