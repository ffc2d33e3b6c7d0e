import QueueModel
import Testing

/// A checker that finds nothing in the right protocol proves something only if it finds every wrong one.
@Suite("Broken twins of the protocol are caught")
struct TwinTests {
    /// What the simulator must find, and in how many schedules; several times what it needed when this was written.
    struct Expectation: Sendable, CustomTestStringConvertible {
        let flaw: Flaw
        /// The first seed looked at: not 0 where the search from there takes half a minute.
        let from: UInt64
        let within: UInt64
        let invariants: Set<Invariant>

        init(_ flaw: Flaw, from: UInt64 = 0, within: UInt64, _ invariants: Invariant...) {
            self.flaw = flaw
            self.from = from
            self.within = within
            self.invariants = Set(invariants)
        }

        var testDescription: String { "\(flaw)" }
    }

    static let simulated: [Expectation] = [
        Expectation(.completesByStateOnly, within: 60_000, .staleWrite),
        Expectation(.epochResetOnHandBack, within: 5000, .epochShrank),
        Expectation(.fenceIsAttempt, within: 20_000, .staleBeat, .staleWrite),
        Expectation(.reapsWithoutEpoch, from: 25_000, within: 200_000, .leaseTakenEarly),
        Expectation(.reapsByOwnClock, within: 5000, .leaseTakenEarly),
        Expectation(.reapsWithoutGate, within: 20_000, .leaseTakenFromHealthy, .blamedTheLiving),
        Expectation(.chargesTheLiving, within: 10_000, .blamedTheLiving),
        Expectation(.acknowledgesBeforeClaim, within: 2000, .neverEnds),
        Expectation(.dropsPendingEntries, within: 2000, .neverEnds),
        Expectation(.ignoresRedisLoss, within: 2000, .slowRing, .neverEnds),
        Expectation(.tokenBeforeUnmark, from: 110_000, within: 200_000, .slowRing),
        Expectation(.cancelsAsRead, within: 10_000, .leaseBroken, .endChanged),
        Expectation(.claimsCancelled, within: 2000, .ranAfterCancel),
        Expectation(.releaseForgetsCancel, within: 5000, .neverEnds),
        Expectation(.succeedsAfterCancel, within: 2000, .resultAfterCancel),
        Expectation(.beatsByID, within: 5000, .staleBeat),
        Expectation(.checksKeyOutside, within: 1000, .keyMadeTwo),
        Expectation(.acceptsEndedAgain, within: 2000, .epochShrank, .endChanged),
        Expectation(.countsChildTwice, within: 60_000, .childMiscounted),
        Expectation(.progressByID, within: 100_000, .staleProgress),
        Expectation(.forgetsHeld, within: 2000, .neverEnds),
        Expectation(.returnsBelowFloor, within: 20_000, .neverEnds, .slowRecovery),
        Expectation(.liftsNobody, within: 20_000, .neverEnds),
    ]

    @Test("the simulator finds the flaw", arguments: simulated)
    func simulator(_ expected: Expectation) throws {
        let found = try #require(Simulator.search(expected.from..<expected.from + expected.within, flaw: expected.flaw))
        print("twin \(expected.flaw): schedule \(found.plan.seed): \(found.violation)")
        #expect(expected.invariants.contains(found.violation.invariant))
    }

    @Test("no twin is left out")
    func complete() {
        #expect(Set(Self.simulated.map(\.flaw)) == Set(Flaw.allCases).subtracting([.none]))
    }

    @Test(
        "the model checker finds the flaw",
        arguments: Flaw.allCases.filter { CheckedWorld.world(showing: $0) != nil }
    )
    func checker(_ flaw: Flaw) throws {
        var checker = ModelChecker(try #require(CheckedWorld.world(showing: flaw)))
        let verdict = checker.run()
        print(
            "twin \(flaw): \(verdict.states) states, \(verdict.trace.count) steps: \(verdict.broken?.rawValue ?? "-")"
        )
        #expect(verdict.broken != nil)
        #expect(!verdict.trace.isEmpty)
    }
}
