/// The whole search on one instance: fast packings, ejection, column generation, dives, ejection again.
struct PackingSearch {
    private let instance: PackingInstance
    private let meter: StepMeter
    private(set) var best: PackingDraft
    private(set) var bound: Int64
    private(set) var isConverged = false
    private let pool: PatternPool

    init(_ instance: PackingInstance, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        pool = PatternPool(most: 500 + instance.items * 8)
        bound = VolumeBound.value(instance)
        best = PackingDraft(unplaced: instance.counts)
    }

    var isDone: Bool { best.unplacedCount == 0 && best.cost(instance) <= bound }

    mutating func pack() {
        best = meter.within(meter.left / 4) { SimplePackings.best(instance, pool: pool, meter: meter) }
        // With few classes the program is solved at once, and its packings need no improving.
        if instance.items <= Self.fewClasses { generate(meter.left / 3) }
        eject(meter.left / 6)
        guard !isDone else { return }
        if !isConverged, isWorthGenerating { generate(meter.left * 2 / 3) }
        eject(meter.left)
    }

    /// A program of many rows takes more steps than there are, and would take them from the ejection: by experience
    /// about twenty times the cube of the rows until it says anything.
    private var isWorthGenerating: Bool {
        let rows = Double(instance.items)
        return 20 * rows * rows * rows < Double(meter.left)
    }

    mutating func raiseBound() {
        best = meter.within(meter.left / 8) { SimplePackings.best(instance, pool: pool, meter: meter) }
        guard !isDone else { return }
        generate(meter.left, dives: false)
    }

    private mutating func eject(_ steps: Int) {
        guard !isDone else { return }
        let (before, bound) = (best, bound)
        best = meter.within(steps) {
            BinReduction.improved(before, instance, bound: bound, pool: pool, meter: meter)
        }
    }

    private mutating func generate(_ steps: Int, dives: Bool = true) {
        guard instance.items <= MasterProgram.mostRows else { return }
        let generation = ColumnGeneration(instance, start: pool, bound: bound, meter: meter)
        let target = best.unplacedCount == 0 ? best.cost(instance) : .max
        meter.within(dives ? steps * 2 / 3 : steps) { generation.run(until: target) }
        bound = max(bound, generation.bound)
        isConverged = generation.isConverged
        guard dives, !isDone, !meter.isExhausted else { return }
        var dive = PatternDive(generation, best: best)
        let known = bound
        meter.within(steps / 3) { dive.run(bound: known) }
        best = dive.best
    }

    private static let fewClasses = 60
}
