import Engines
import FoundationEssentials
import OracleSupport
import Testing

/// On published benchmarks and on the requests of a real cluster.
@Suite("Vector packing on the shared data", .enabled(if: SharedData.isPresent, "no shared data"))
struct VectorPackingDataTests {
    /// CLOUDOPTIM_SOAK=packing packs all 294 instances; otherwise a third of those with at most 130 items, with
    /// fewer steps: a debug build is slow.
    static let isSoak = ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK"] == "packing"

    @Test("requests of a real cluster are packed into the proven optimum of nodes")
    func openb() throws {
        var above = 0
        for instance in try VectorInstances.openb() {
            let result = VectorPacker.pack(instance.problem, budget: StepBudget(limit: 60_000_000))
            #expect(PackingCheck.faults(of: result.packing, in: instance.problem).isEmpty, "\(instance.name)")
            // A request bigger than the node needs one of its own, which the known optimum counts.
            let alone = result.packing.unplaced.reduce(0) { $0 + $1.count }
            let optimum = try #require(instance.optimum)
            #expect(result.lowerBound + alone <= optimum, "\(instance.name)")
            #expect(result.packing.binCount + alone >= optimum, "\(instance.name)")
            #expect(result.packing.binCount + alone <= optimum + 1, "\(instance.name)")
            if result.packing.binCount + alone > optimum { above += 1 }
        }
        #expect(above <= 1)
    }

    @Test("published benchmarks take fewer bins than the best of all published heuristics")
    func vbp() throws {
        var random = SeededGenerator(seed: 98)
        let all = try VectorInstances.vbp()
        let small = all.filter { $0.problem.items.count <= 130 }
        let chosen = Self.isSoak ? all : Array(small.shuffled(using: &random).prefix(small.count / 3))
        var sums: [Substring: (bins: Int64, published: Int64)] = [:]
        for instance in chosen {
            let limit = Self.isSoak ? 120_000_000 : 10_000_000
            let result = VectorPacker.pack(instance.problem, budget: StepBudget(limit: limit))
            #expect(PackingCheck.faults(of: result.packing, in: instance.problem).isEmpty, "\(instance.name)")
            #expect(result.packing.isComplete, "\(instance.name)")
            #expect(result.cost <= instance.firstFitSquares, "\(instance.name): \(result.cost)")
            if let optimum = instance.optimum {
                #expect(result.lowerBound <= optimum, "\(instance.name): \(result.lowerBound) > \(optimum)")
                #expect(result.cost >= optimum, "\(instance.name): \(result.cost) < \(optimum)")
            }
            sums[instance.benchmark, default: (0, 0)].bins += result.cost
            sums[instance.benchmark, default: (0, 0)].published += instance.published
        }
        for (benchmark, sum) in sums.sorted(by: { $0.key < $1.key }) {
            #expect(sum.bins <= sum.published, "\(benchmark): \(sum.bins) bins, published \(sum.published)")
            guard benchmark != "panigrahy" else { continue }
            #expect(sum.bins * 100 <= sum.published * 99, "\(benchmark): \(sum.bins) bins, published \(sum.published)")
        }
        #expect(sums.count == 3)
    }
}
