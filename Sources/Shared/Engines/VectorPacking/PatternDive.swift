/// From a fractional packing to a whole one: fix patterns, solve again, and so on to the end.
struct PatternDive {
    private let generation: ColumnGeneration
    private let instance: PackingInstance
    private let master: MasterProgram
    private let meter: StepMeter
    private var fixed: PackingDraft
    private(set) var best: PackingDraft

    /// The packing given is the cheapest so far.
    init(_ generation: ColumnGeneration, best: PackingDraft) {
        self.generation = generation
        instance = generation.instance
        master = generation.master
        meter = generation.meter
        fixed = PackingDraft(unplaced: generation.instance.counts)
        self.best = best
    }

    /// Dives once; the master program is used up by it.
    mutating func run(bound: Int64) {
        while !meter.isExhausted, best.unplacedCount > 0 || best.cost(instance) > bound {
            guard fix() else { break }
            complete()
            guard fixed.unplacedCount > 0 else { break }
            reset()
            guard master.restore() else { break }
            improve()
            let lower = Double(fixed.cost(instance)) + master.objective
            if best.unplacedCount == 0, !master.usesArtificial, lower > Double(best.cost(instance)) - 1e-4 { break }
        }
    }

    /// Fixes all whole parts; where there are none, the pattern nearest to one more bin.
    ///
    /// False when nothing was placed.
    private mutating func fix() -> Bool {
        let used = master.used
        let before = fixed.unplacedCount
        for entry in used where entry.times > 1 - 1e-5 {
            append(entry.column, Int64(entry.times + 1e-5))
        }
        if fixed.unplacedCount < before { return true }
        guard
            let entry = used.max(by: {
                ($0.times, gain($0.column), -$0.column) < ($1.times, gain($1.column), -$1.column)
            })
        else { return false }
        append(entry.column, 1)
        return fixed.unplacedCount < before
    }

    private mutating func append(_ column: Int, _ times: Int64) {
        let pattern = master.columns[column]
        let available = fixed.left(instance)[pattern.bin]
        fixed.append(pattern, times: min(times, available), instance)
    }

    /// What the pattern is worth by the items still needed.
    private func gain(_ column: Int) -> Double {
        var sum = 0.0
        for content in master.columns[column].contents {
            sum += Double(min(content.count, fixed.unplaced[content.item])) * master.dual[content.item]
        }
        return sum
    }

    /// The fixed bins and a fast packing of the rest.
    private mutating func complete() {
        let rest = fixed.rest(instance)
        for packing in SimplePackings.few(rest, meter: meter) {
            let whole = fixed.joined(packing)
            if whole.isBetter(than: best, in: instance) { best = whole }
        }
    }

    /// The demands that are left, on the old basis.
    private func reset() {
        let left = fixed.left(instance)
        for item in 0..<instance.items { master.right[item] = Double(fixed.unplaced[item]) }
        for bin in 0..<instance.bins where master.limitRow[bin] >= 0 {
            master.right[master.limitRow[bin]] = Double(left[bin])
        }
        master.loadValues()
    }

    /// Patterns for what is left.
    private func improve() {
        var rounds = 0
        while rounds < Self.mostRounds, !meter.isExhausted, generation.round(counts: fixed.unplaced, isDive: true),
            master.optimise()
        {
            rounds += 1
        }
    }

    private static let mostRounds = 6
}
