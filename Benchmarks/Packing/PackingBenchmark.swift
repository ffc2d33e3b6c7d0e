import Engines
import FoundationEssentials

/// Packs every instance of the shared data and prints sums beside what is published and proven.
///
/// usage: PackingBenchmark FOLDER [MILLISECONDS [PART OF NAME [each]]]
@main
enum PackingBenchmark {
    struct Sum {
        var instances = 0
        var bins: Int64 = 0
        var bound: Int64 = 0
        var published: Int64 = 0
        var squares: Int64 = 0
        var proven = 0
        var known = 0
        var knownBins: Int64 = 0
        var knownOptimum: Int64 = 0
        var knownPublished: Int64 = 0
        var knownHit = 0
        var faults = 0
        var seconds: [Double] = []
        var steps = 0
    }

    static func main() throws {
        let words = CommandLine.arguments
        guard words.count >= 2 else {
            print("usage: PackingBenchmark FOLDER [MILLISECONDS [PART OF NAME [each]]]")
            return
        }
        let folder = URL(filePath: words[1])
        let budget = StepBudget.about(milliseconds: words.count > 2 ? Int(words[2]) ?? 2_000 : 2_000)
        let part = words.count > 3 ? words[3] : ""
        var sums: [String: Sum] = [:]
        for instance in try PackingSet.openb(folder) + PackingSet.vbp(folder)
        where part.isEmpty || instance.name.contains(part) {
            measure(instance, budget, &sums, prints: words.count > 4)
        }
        print(
            "set         inst   bins  bound  published  ffd-l2  proven | known: bins optimum published hit | ms mean  max  Msteps/s"
        )
        for (name, sum) in sums.sorted(by: { $0.key < $1.key }) { print(line(name, sum)) }
    }

    private static func measure(
        _ instance: VectorInstance,
        _ budget: StepBudget,
        _ sums: inout [String: Sum],
        prints: Bool
    ) {

        let start = ContinuousClock.now
        let result = VectorPacker.pack(instance.problem, budget: budget)
        let seconds =
            Double((ContinuousClock.now - start).components.attoseconds) / 1e18
            + Double((ContinuousClock.now - start).components.seconds)
        // An item bigger than the bin needs a bigger one for itself; the known optimum counts it so.
        let alone = result.packing.unplaced.reduce(0) { $0 + $1.count }
        let bins = result.packing.binCount + alone
        let faults = PackingCheck.faults(of: result.packing, in: instance.problem).count
        let parts = instance.name.split(separator: "/")
        let family = parts[1].split(separator: "_")[0]
        for key in Set([String(parts[0]), "\(parts[0])/\(family)"]) {
            var sum = sums[key] ?? Sum()
            sum.instances += 1
            sum.bins += bins
            sum.bound += result.lowerBound + alone
            sum.published += instance.published
            sum.squares += instance.firstFitSquares
            sum.proven += result.isOptimal ? 1 : 0
            sum.faults += faults
            if bins > instance.firstFitSquares { sum.faults += 1 }
            if let optimum = instance.optimum {
                sum.known += 1
                sum.knownBins += bins
                sum.knownOptimum += optimum
                sum.knownPublished += instance.published
                sum.knownHit += bins == optimum ? 1 : 0
                if result.lowerBound + alone > optimum || bins < optimum { sum.faults += 1 }
            }
            sum.seconds.append(seconds)
            sum.steps += result.steps
            sums[key] = sum
        }
        if prints {
            let optimum = instance.optimum.map { "\($0)" } ?? "-"
            print(
                "\(instance.name) bins \(bins) bound \(result.lowerBound) optimum \(optimum) published \(instance.published)"
                    + " ms \(Int(seconds * 1000)) Msteps \(result.steps / 1_000_000)\(faults > 0 ? " FAULTY" : "")"
            )
        }
    }

    private static func line(_ name: String, _ sum: Sum) -> String {
        func right(_ value: some CustomStringConvertible, _ width: Int) -> String {
            let text = value.description
            return String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let total = sum.seconds.reduce(0, +)
        return name + String(repeating: " ", count: max(0, 18 - name.count)) + right(sum.instances, 4)
            + right(sum.bins, 7) + right(sum.bound, 7) + right(sum.published, 7) + right(sum.squares, 7)
            + right(sum.proven, 5) + " |" + right(sum.known, 4) + right(sum.knownBins, 7) + right(sum.knownOptimum, 7)
            + right(sum.knownPublished, 7) + right(sum.knownHit, 5) + " |"
            + right(Int(total / Double(sum.instances) * 1000), 6) + right(Int((sum.seconds.max() ?? 0) * 1000), 6)
            + right(Int(Double(sum.steps) / total / 1e6), 6) + (sum.faults > 0 ? "  FAULTS \(sum.faults)" : "")
    }
}
