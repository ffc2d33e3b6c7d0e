/// The cheapest fractional packing: the master program over known patterns, and new patterns from pricing, in turns.
///
/// Every round of pricing also gives a proven bound; the best of all rounds is kept, so that the search can stop at any
/// time. Duals are smoothed towards those of the best bound (Wentges 1997): they would jump about otherwise.
final class ColumnGeneration {
    let instance: PackingInstance
    let master: MasterProgram
    let meter: StepMeter
    private let pricings: [PatternPricing]
    private let proven: ProvenBound
    /// Proven: no complete packing is cheaper.
    private(set) var bound: Int64
    /// The bound is that of the best fractional packing, rounded up.
    private(set) var isConverged = false
    private var centre: [Double]?
    private var smoothing = ColumnGeneration.fullSmoothing
    private var pricingSteps: Int
    private var firstBin = 0

    private static let fullSmoothing = 0.8

    init(_ instance: PackingInstance, start: PatternPool, bound: Int64, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        self.bound = bound
        master = MasterProgram(instance, meter: meter)
        pricings = (0..<instance.bins).map { PatternPricing(instance, bin: $0, meter: meter) }
        proven = ProvenBound(instance: instance)
        pricingSteps = Self.leastPricing * (instance.axes + instance.items) + master.rows * master.rows * 2
        for column in start.columns { master.add(column) }
    }

    private static let leastPricing = 100

    /// The first centre: items are worth what they take of the scarcest axis, as in the bound by volume.
    private func startCentre() {
        let sizes = NormalSizes(instance)
        guard let most = sizes.demand.max(), let axis = sizes.demand.firstIndex(of: most) else { return }
        var duals = Array(repeating: 0.0, count: master.rows)
        for item in 0..<instance.items { duals[item] = max(0, sizes.shares[item * instance.axes + axis]) }
        let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
        let fillings = fillings(values, unit, duals, steps: 0)
        centre = duals
        centreStrength = proven.strength(values: values, unit: unit, fillings: fillings)
    }

    /// Patterns that fill the scarce axes well: where the bound by volume is the right one, the packing is among them.
    private func fillPool() {
        guard instance.bins <= Self.fewBins, instance.items > Self.fewItems else { return }
        let sizes = NormalSizes(instance)
        let scarcity = sizes.scarcity.map { share in
            let square = share * share
            return square * square * square * square
        }
        let total = scarcity.reduce(0, +)
        let duals = (0..<instance.items).map { item in
            (0..<instance.axes).reduce(0.0) { $0 + scarcity[$1] / total * sizes.shares[item * instance.axes + $1] }
        }
        let (values, unit) = ProvenBound.values(duals.map { max(0, $0) })
        let steps = meter.left / 6 / instance.bins / instance.items
        for bin in 0..<instance.bins {
            // Nine tenths of what the largest bin can hold, in proportion to the bin.
            var share = 0.0
            for axis in 0..<instance.axes {
                let capacity = Double(instance.capacities[bin * instance.axes + axis])
                share += scarcity[axis] / total * capacity / sizes.reference[axis]
            }
            let floor = Int64(share * 0.9 * Double(unit))
            let found = pricings[bin].around(values: values, counts: instance.counts, floor: floor, steps: steps)
            for contents in found { master.add(PackingColumn(bin: bin, contents: contents)) }
        }
    }

    private func fillings(_ values: [Int64], _ unit: Int64, _ duals: [Double], steps: Int) -> [Int64] {
        (0..<instance.bins).map { bin in
            pricings[bin].solve(
                values: values,
                counts: instance.counts,
                floor: floor(bin, unit, duals),
                steps: steps
            ).bound
        }
    }

    /// What a filling must be worth more than to be of use: the cost of the bin, and of its place where bins are limited.
    private func floor(_ bin: Int, _ unit: Int64, _ duals: [Double]) -> Int64 {
        let limit = master.limitRow[bin] >= 0 ? min(0, duals[master.limitRow[bin]]) : 0
        return proven.cost(bin, unit: unit) + Int64(min(-limit, 1e6) * Double(unit))
    }

    /// Goes on until the bound cannot rise, reaches the cost given, or the steps end.
    func run(until cost: Int64) {
        startCentre()
        fillPool()
        var isSolved = master.optimise()
        while isSolved, !meter.isExhausted, bound < cost {
            guard !checkConvergence() else { return }
            guard round(counts: instance.counts) || escalate() else { break }
            isSolved = master.optimise()
        }
        if bound < cost, !isConverged { settle() }
    }

    /// More steps for pricing, when the last round found nothing and was not sure that there is nothing.
    private func escalate() -> Bool {
        if lastWasSmoothed {
            smoothing = 0
            return true
        }
        if lastWasExact {
            isConverged = true
            return false
        }
        pricingSteps = pricingSteps.multipliedReportingOverflow(by: 6).partialValue
        return pricingSteps < meter.left
    }

    private func checkConvergence() -> Bool {
        guard !master.usesArtificial else { return false }
        // The objective is a little above the true one, because demands are.
        isConverged = Double(bound) >= master.objective * (1 - 1e-6) - 1e-9
        return isConverged
    }

    private var lastWasExact = false
    private var lastWasSmoothed = false

    // MARK: One round

    /// Prices every bin class, or some of many; true when a column was added.
    ///
    /// Patterns use the items counted: those still to be packed in a dive, all of them for a bound.
    func round(counts: [Int64], isDive: Bool = false) -> Bool {
        lastWasSmoothed = !isDive && smoothing > 0 && centre != nil
        let duals = duals()
        let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
        var fillings = Array(repeating: Int64(-1), count: instance.bins)
        var added = 0
        var isExact = true
        for offset in 0..<instance.bins {
            let bin = (firstBin + offset) % instance.bins
            let floor = floor(bin, unit, duals)
            let answer = pricings[bin].solve(values: values, counts: counts, floor: floor, steps: pricingSteps)
            fillings[bin] = answer.bound
            isExact = isExact && answer.isExact
            added += addColumns(answer, bin)
            if instance.bins <= Self.fewBins || !answer.found.isEmpty { added += diversify(bin, counts) }
            if added >= Self.enough, instance.bins > Self.fewBins {
                firstBin = (bin + 1) % instance.bins
                break
            }
            if meter.isExhausted { break }
        }
        lastWasExact = isExact
        if !isDive, !fillings.contains(-1) { raise(values, unit, fillings, duals) }
        if added > 0, !isDive { smoothing = Self.fullSmoothing }
        return added > 0
    }

    private static let enough = 30
    private static let fewBins = 6
    private static let fewItems = 60

    private func addColumns(_ answer: PatternPricing.Answer, _ bin: Int) -> Int {
        var added = 0
        for filling in answer.found.suffix(4) where add(PackingColumn(bin: bin, contents: filling.contents)) {
            added += 1
        }
        return added
    }

    /// True when the column is new and lowers the cost under the true duals.
    private func add(_ column: PackingColumn) -> Bool {
        var reduced = Double(instance.costs[column.bin]) / master.costScale
        for content in column.contents { reduced -= Double(content.count) * master.dual[content.item] }
        if master.limitRow[column.bin] >= 0 { reduced -= master.dual[master.limitRow[column.bin]] }
        return reduced < -1e-9 && master.add(column)
    }

    /// Patterns for the true duals, each from the items that those before left: together they are nearer to a packing
    /// than alone, and many at once save walks of the simplex.
    private func diversify(_ bin: Int, _ counts: [Int64]) -> Int {
        var counts = counts
        var added = 0
        let duals = (0..<master.rows).map { max(0, master.dual[$0]) }
        let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
        let floor = floor(bin, unit, (0..<master.rows).map { master.dual[$0] })
        let steps = Self.leastPricing * (instance.axes + instance.items) / 4
        for contents in pricings[bin].seeded(values: values, counts: counts, floor: floor, most: Self.enough) {
            if add(PackingColumn(bin: bin, contents: contents)) { added += 1 }
        }
        for _ in 0..<max(4, min(Self.enough * 4, instance.items / 2)) where !meter.isExhausted {
            let answer = pricings[bin].solve(values: values, counts: counts, floor: floor, steps: steps)
            guard let best = answer.found.last else { break }
            if add(PackingColumn(bin: bin, contents: best.contents)) { added += 1 }
            for content in best.contents { counts[content.item] = 0 }
        }
        return added
    }

    private func duals() -> [Double] {
        var duals = (0..<master.rows).map { master.dual[$0] }
        for item in 0..<instance.items { duals[item] = max(0, duals[item]) }
        guard lastWasSmoothed, let centre else { return duals }
        return zip(duals, centre).map { (1 - smoothing) * $0 + smoothing * $1 }
    }

    private func raise(_ values: [Int64], _ unit: Int64, _ fillings: [Int64], _ duals: [Double]) {
        let value = proven.value(values: values, unit: unit, fillings: fillings)
        bound = max(bound, value)
        let strength = proven.strength(values: values, unit: unit, fillings: fillings)
        if strength > centreStrength {
            centreStrength = strength
            centre = duals
        }
    }

    private var centreStrength = -Double.infinity

    /// A bound from the duals reached when the steps are over: pricing is not searched, only bounded.
    private func settle() {
        for duals in [(0..<master.rows).map { master.dual[$0] }, centre ?? []] where !duals.isEmpty {
            let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
            let fillings = fillings(values, unit, duals, steps: 0)
            bound = max(bound, proven.value(values: values, unit: unit, fillings: fillings))
        }
    }
}
