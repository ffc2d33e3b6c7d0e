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

    private static let fullSmoothing = 0.6

    init(_ instance: PackingInstance, start: [PackingDraft], bound: Int64, meter: StepMeter) {
        self.instance = instance
        self.meter = meter
        self.bound = bound
        master = MasterProgram(instance, meter: meter)
        pricings = (0..<instance.bins).map { PatternPricing(instance, bin: $0, meter: meter) }
        proven = ProvenBound(instance: instance)
        pricingSteps = Self.leastPricing * (instance.axes + instance.items)
        for draft in start {
            for group in draft.groups { master.add(PackingColumn(bin: group.bin, contents: group.contents)) }
        }
    }

    private static let leastPricing = 100

    /// Goes on until the bound cannot rise, reaches the cost given, or the steps end.
    func run(until cost: Int64) {
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
        if smoothing > 0 {
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

    // MARK: One round

    /// Prices every bin class, or some of many; true when a column was added.
    ///
    /// - Parameter counts: Items that patterns may use: those still to be packed in a dive, all of them for a bound.
    func round(counts: [Int64], isDive: Bool = false) -> Bool {
        let duals = smoothed(isDive: isDive)
        let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
        var fillings = Array(repeating: Int64(-1), count: instance.bins)
        var added = 0
        var isExact = true
        for offset in 0..<instance.bins {
            let bin = (firstBin + offset) % instance.bins
            let limit = master.limitRow[bin] >= 0 ? min(0, duals[master.limitRow[bin]]) : 0
            let floor = proven.cost(bin, unit: unit) + Int64(min(-limit, 1e6) * Double(unit))
            let answer = pricings[bin].solve(values: values, counts: counts, floor: floor, steps: pricingSteps)
            fillings[bin] = answer.bound
            isExact = isExact && answer.isExact
            added += addColumns(answer, bin)
            if let best = answer.found.last { added += diversify(bin, best.contents, values, counts, floor) }
            if added >= Self.enough, instance.bins > Self.fewBins {
                firstBin = (bin + 1) % instance.bins
                break
            }
            if meter.isExhausted { break }
        }
        lastWasExact = isExact
        if !isDive, !fillings.contains(-1) { raise(values, unit, fillings, duals) }
        // Nothing for the true duals although something for the smoothed: they have met.
        smoothing = added == 0 ? 0 : Self.fullSmoothing
        return added > 0
    }

    private static let enough = 30
    private static let fewBins = 6

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
        for content in column.contents { reduced -= Double(content.count) * master.dual.base[content.item] }
        if master.limitRow[column.bin] >= 0 { reduced -= master.dual.base[master.limitRow[column.bin]] }
        return reduced < -1e-9 && master.add(column)
    }

    /// More patterns from the items that the best one left: together they are nearer to a packing than alone.
    private func diversify(
        _ bin: Int,
        _ contents: [Packing.Content],
        _ values: [Int64],
        _ counts: [Int64],
        _ floor: Int64
    ) -> Int {
        var counts = counts
        var contents = contents
        var added = 0
        for _ in 0..<min(Self.enough, instance.items / 12) where !meter.isExhausted {
            for content in contents { counts[content.item] = 0 }
            let steps = Self.leastPricing * (instance.axes + instance.items) / 4
            let answer = pricings[bin].solve(values: values, counts: counts, floor: floor, steps: steps)
            guard let best = answer.found.last else { break }
            if add(PackingColumn(bin: bin, contents: best.contents)) { added += 1 }
            contents = best.contents
        }
        return added
    }

    private func smoothed(isDive: Bool) -> [Double] {
        var duals = (0..<master.rows).map { master.dual.base[$0] }
        for item in 0..<instance.items { duals[item] = max(0, duals[item]) }
        guard !isDive, smoothing > 0, let centre else { return duals }
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
        for duals in [(0..<master.rows).map { master.dual.base[$0] }, centre ?? []] where !duals.isEmpty {
            let (values, unit) = ProvenBound.values(Array(duals[..<instance.items]))
            let fillings = (0..<instance.bins).map { bin in
                let limit = master.limitRow[bin] >= 0 ? min(0, duals[master.limitRow[bin]]) : 0
                let floor = proven.cost(bin, unit: unit) + Int64(min(-limit, 1e6) * Double(unit))
                return pricings[bin].solve(values: values, counts: instance.counts, floor: floor, steps: 0).bound
            }
            bound = max(bound, proven.value(values: values, unit: unit, fillings: fillings))
        }
    }
}
