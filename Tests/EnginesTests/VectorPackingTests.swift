import Engines
import OracleSupport
import Testing

@Suite("Vector packing")
struct VectorPackingTests {
    static let budget = StepBudget(limit: 400_000)

    // MARK: What cannot be packed

    @Test("an item bigger than any bin stays outside and the others are packed")
    func tooBig() {
        let problem = PackingProblem(
            items: [.init(size: [11, 1], count: 2), .init(size: [5, 5], count: 4)],
            bins: [.init(capacity: [10, 10])]
        )
        let result = VectorPacker.pack(problem, budget: Self.budget)
        #expect(result.packing.unplaced == [.init(item: 0, count: 2)])
        #expect(result.packing.binCount == 2)
        #expect(result.lowerBound == 2)
        #expect(PackingCheck.faults(of: result.packing, in: problem).isEmpty)
    }

    @Test("with too few bins as much as possible is packed and the lack of room is proven")
    func tooFewBins() {
        let problem = PackingProblem(
            items: [.init(size: [6], count: 3)],
            bins: [.init(capacity: [10], cost: 7, available: 2)]
        )
        let result = VectorPacker.pack(problem, budget: Self.budget)
        #expect(result.packing.unplaced == [.init(item: 0, count: 1)])
        #expect(result.cost == 14)
        #expect(!result.isOptimal)
        #expect(VectorPacker.lowerBound(problem, budget: Self.budget).isInfeasible)
    }

    @Test("no items, no bins, and items without a bin class")
    func nothing() {
        #expect(
            VectorPacker.pack(.init(items: [], bins: []))
                == .init(packing: .init(), cost: 0, lowerBound: 0, isOptimal: true, steps: 0)
        )
        let homeless = PackingProblem(items: [.init(size: [1], count: 3)], bins: [])
        #expect(VectorPacker.pack(homeless).packing.unplaced == [.init(item: 0, count: 3)])
        let empty = PackingProblem(
            items: [.init(size: [1], count: 0), .init(size: [2], count: -4)],
            bins: [.init(capacity: [3])]
        )
        #expect(VectorPacker.pack(empty).packing == Packing())
    }

    @Test("an item goes only where it is allowed")
    func compatibility() {
        let problem = PackingProblem(
            items: [.init(size: [2], count: 2), .init(size: [3], count: 2)],
            bins: [
                .init(capacity: [10], cost: 1, compatible: ClassSet([0])),
                .init(capacity: [10], cost: 5, compatible: ClassSet([0, 1])),
            ]
        )
        let result = VectorPacker.pack(problem, budget: Self.budget)
        #expect(result.cost == 5)
        #expect(
            result.packing.patterns == [
                .init(bin: 1, contents: [.init(item: 0, count: 2), .init(item: 1, count: 2)], multiplicity: 1)
            ]
        )
    }

    @Test("the check finds every broken rule")
    func check() {
        let problem = PackingProblem(
            items: [.init(size: [4], count: 3), .init(size: [1])],
            bins: [.init(capacity: [10], available: 1, compatible: ClassSet([0]))]
        )
        func faults(_ patterns: [Packing.Pattern], _ unplaced: [Packing.Content] = []) -> [String] {
            PackingCheck.faults(of: .init(patterns: patterns, unplaced: unplaced), in: problem)
        }
        let one = Packing.Content(item: 1, count: 1)
        #expect(
            faults(
                [.init(bin: 0, contents: [.init(item: 0, count: 2)], multiplicity: 1)],
                [.init(item: 0, count: 1), one]
            ) == []
        )
        #expect(faults([.init(bin: 0, contents: [.init(item: 0, count: 3)], multiplicity: 1)], [one]).count == 1)
        #expect(faults([.init(bin: 0, contents: [.init(item: 0, count: 1)], multiplicity: 3)], [one]).count == 1)
        #expect(faults([.init(bin: 0, contents: [one], multiplicity: 1)], [.init(item: 0, count: 3)]).count == 1)
        #expect(faults([], [one]).count == 1)
        #expect(faults([.init(bin: 1, contents: [], multiplicity: 1)], [.init(item: 0, count: 3), one]).count == 1)
        #expect(
            faults(
                [.init(bin: 0, contents: [.init(item: 7, count: 1)], multiplicity: 1)],
                [.init(item: 0, count: 3), one]
            ).count == 1
        )
    }

    @Test("sets with the same members are equal whatever room they have")
    func sets() {
        var set = ClassSet(capacity: 500)
        for index in [3, 64, 200, -1] { set.insert(index) }
        #expect(set == ClassSet([200, 3, 64]))
        #expect(set.hashValue == ClassSet([200, 3, 64]).hashValue)
        set.remove(200)
        #expect(set != ClassSet([200, 3, 64]))
        #expect(set.count == 2 && set.contains(64) && !set.contains(-1) && !set.contains(9_999))
        #expect(ClassSet.all(70).count == 70)
    }

    // MARK: Absurd numbers

    static let extremes: [Int64] = [.min, .min + 1, -1 << 40, -1, 0, 1, 2, 1 << 31, 1 << 40, .max / 2, .max - 1, .max]

    @Test("absurd sizes, counts, capacities, costs and limits never trap, and every packing is sound")
    func absurd() {
        var random = SeededGenerator(seed: 7)
        func any() -> Int64 { Self.extremes[Int.random(in: Self.extremes.indices, using: &random)] }
        for _ in 0..<300 {
            let axes = Int.random(in: 1...3, using: &random)
            let problem = PackingProblem(
                items: (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    .init(size: (0..<axes).map { _ in any() }, count: any())
                },
                bins: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    .init(
                        capacity: (0..<axes).map { _ in any() },
                        cost: any(),
                        available: Bool.random(using: &random) ? any() : nil
                    )
                }
            )
            let result = VectorPacker.pack(problem, budget: StepBudget(limit: 20_000))
            let faults = PackingCheck.faults(of: result.packing, in: problem)
            #expect(faults.isEmpty, "\(faults) in \(problem)")
            #expect(result.lowerBound <= result.cost || !result.packing.isComplete, "\(problem)")
        }
    }

    @Test("a trillion items are packed as patterns with multiplicities")
    func trillion() {
        let problem = PackingProblem(
            items: [.init(size: [3, 1], count: 1_000_000_000_000), .init(size: [4, 2], count: 999_999_999_999)],
            bins: [.init(capacity: [10, 10])]
        )
        let result = VectorPacker.pack(problem, budget: Self.budget)
        #expect(PackingCheck.faults(of: result.packing, in: problem).isEmpty)
        #expect(result.packing.patterns.count < 10)
        #expect(result.lowerBound >= 700_000_000_000)
        #expect(Double(result.cost) <= Double(result.lowerBound) * 1.001)
    }

    @Test("an item with a negative part gives room, as some published instances have them")
    func negative() {
        let problem = PackingProblem(
            items: [.init(size: [7, 6]), .init(size: [3, 5]), .init(size: [0, -1])],
            bins: [.init(capacity: [10, 10])]
        )
        let result = VectorPacker.pack(problem, budget: Self.budget)
        #expect(result.cost == 1)
        #expect(result.lowerBound == 1)
        #expect(PackingCheck.faults(of: result.packing, in: problem).isEmpty)
    }

    // MARK: The same answer always

    @Test("without any step there is a sound packing all the same")
    func noSteps() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<50 {
            let problem = RandomPackings.problem(&random, items: 12)
            let result = VectorPacker.pack(problem, budget: StepBudget(limit: 0))
            #expect(PackingCheck.faults(of: result.packing, in: problem).isEmpty)
        }
    }

    @Test("the order of items and bins does not matter, nor how equal items are grouped")
    func permutation() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<120 {
            let problem = RandomPackings.problem(&random, items: 25)
            let result = VectorPacker.pack(problem, budget: Self.budget)
            #expect(result == VectorPacker.pack(problem, budget: Self.budget))
            var other = RandomPackings.permuted(problem, &random)
            let again = VectorPacker.pack(other, budget: Self.budget)
            let words = RandomPackings.described(result.packing, problem)
            #expect(words == RandomPackings.described(again.packing, other), "round \(round)")
            #expect((result.cost, result.lowerBound, result.steps) == (again.cost, again.lowerBound, again.steps))
            guard problem.bins.allSatisfy({ $0.compatible == nil }) else { continue }
            other.items = other.items.flatMap { item in
                (0..<item.count).map { _ in PackingProblem.ItemClass(size: item.size) }
            }
            let single = VectorPacker.pack(other, budget: Self.budget)
            #expect((result.cost, result.lowerBound, result.steps) == (single.cost, single.lowerBound, single.steps))
        }
    }

    @Test("more steps never cost more")
    func moreSteps() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<25 {
            let problem = RandomPackings.problem(&random, items: 40)
            let little = VectorPacker.pack(problem, budget: StepBudget(limit: 5_000))
            let much = VectorPacker.pack(problem, budget: StepBudget(limit: 1_000_000))
            #expect(little.packing.unplaced.isEmpty != true || much.cost <= little.cost)
        }
    }
}
