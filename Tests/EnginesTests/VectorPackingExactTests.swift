import Engines
import OracleSupport
import Testing

/// Against packings found by trying everything.
@Suite("Vector packing against every packing")
struct VectorPackingExactTests {
    static let budget = StepBudget(limit: 400_000)

    @Test("bound <= optimum <= packing on small problems of every kind, and nearly all are packed optimally")
    func exact() {
        var random = SeededGenerator(seed: 41)
        var optimal = 0
        var proven = 0
        let rounds = 500
        for round in 0..<rounds {
            let problem = RandomPackings.problem(&random, items: 7)
            let result = VectorPacker.pack(problem, budget: Self.budget)
            let exact = ExactPacking(problem)
            let faults = PackingCheck.faults(of: result.packing, in: problem)
            #expect(faults.isEmpty, "round \(round): \(faults)")
            let unplaced = Int(result.packing.unplaced.reduce(0) { $0 + $1.count })
            guard let best = exact.best else {
                Issue.record("round \(round): no packing at all")
                continue
            }
            #expect((unplaced, result.cost) >= (best.unplaced, best.cost), "round \(round)")
            if let complete = exact.bestComplete {
                #expect(result.lowerBound <= complete, "round \(round): \(result.lowerBound) > \(complete)")
                let bound = VectorPacker.lowerBound(problem, budget: Self.budget)
                #expect(bound.value <= complete, "round \(round): \(bound.value) > \(complete)")
                #expect(!bound.isInfeasible, "round \(round)")
            }
            if (unplaced, result.cost) == (best.unplaced, best.cost) { optimal += 1 }
            if result.isOptimal {
                proven += 1
                #expect((unplaced, result.cost) == (best.unplaced, best.cost), "round \(round)")
            }
        }
        #expect(optimal >= rounds * 99 / 100, "\(optimal) of \(rounds)")
        #expect(proven >= rounds / 2, "\(proven) of \(rounds)")
    }

    @Test("items that give room: bound <= optimum <= packing")
    func givers() {
        var random = SeededGenerator(seed: 43)
        for round in 0..<150 {
            var problem = RandomPackings.problem(&random, items: 6, kinds: 2)
            for index in problem.items.indices where Int.random(in: 0..<3, using: &random) == 0 {
                let axis = Int.random(in: problem.items[index].size.indices, using: &random)
                problem.items[index].size[axis] = -Int64.random(in: 1...4, using: &random)
            }
            let result = VectorPacker.pack(problem, budget: Self.budget)
            #expect(PackingCheck.faults(of: result.packing, in: problem).isEmpty, "round \(round)")
            guard let complete = ExactPacking(problem).bestComplete else { continue }
            #expect(result.lowerBound <= complete, "round \(round): \(result.lowerBound) > \(complete)")
            if result.packing.unplaced.isEmpty { #expect(result.cost >= complete, "round \(round)") }
        }
    }

    @Test("one more item never lowers the proven optimum")
    func oneMore() {
        var random = SeededGenerator(seed: 47)
        var compared = 0
        for round in 0..<150 {
            let problem = RandomPackings.problem(&random, items: 20)
            var larger = problem
            let index = Int.random(in: larger.items.indices, using: &random)
            larger.items[index].count += 1
            let result = VectorPacker.pack(problem, budget: Self.budget)
            let more = VectorPacker.pack(larger, budget: Self.budget)
            guard result.isOptimal, more.isOptimal else { continue }
            compared += 1
            #expect(more.cost >= result.cost, "round \(round): \(result.cost), then \(more.cost)")
        }
        #expect(compared > 50)
    }

    @Test("capacity added or a limit taken away never raises the proven optimum")
    func moreRoom() {
        var random = SeededGenerator(seed: 53)
        var compared = 0
        for round in 0..<150 {
            let problem = RandomPackings.problem(&random, items: 15)
            var looser = problem
            for bin in looser.bins.indices {
                looser.bins[bin].capacity = looser.bins[bin].capacity.map { $0 + 2 }
                looser.bins[bin].available = nil
                looser.bins[bin].compatible = nil
            }
            let result = VectorPacker.pack(problem, budget: Self.budget)
            let more = VectorPacker.pack(looser, budget: Self.budget)
            guard result.isOptimal, more.isOptimal, result.packing.unplaced == more.packing.unplaced else { continue }
            compared += 1
            #expect(more.cost <= result.cost, "round \(round): \(result.cost), then \(more.cost)")
        }
        #expect(compared > 30)
    }
}
