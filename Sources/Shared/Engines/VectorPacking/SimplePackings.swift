/// The best of the fast packings: first and best fit decreasing by several measures, and bins filled one by one.
enum SimplePackings {
    static func best(_ instance: PackingInstance, pool: PatternPool, meter: StepMeter) -> PackingDraft {
        let sizes = NormalSizes(instance)
        let even = Array(repeating: 1.0, count: instance.axes)
        var best = ItemCentricPacking.pack(
            instance,
            order: sizes.order(.squares, even),
            choice: .first,
            meter: meter
        )
        pool.add(best)
        func offer(_ draft: PackingDraft?) {
            guard let draft else { return }
            pool.add(draft)
            if draft.isBetter(than: best, in: instance) { best = draft }
        }
        for scale in BinCentricPacking.Scale.allCases {
            for fit in BinCentricPacking.Fit.allCases where !meter.isExhausted {
                offer(BinCentricPacking.pack(instance, fit: fit, scale: scale, meter: meter))
            }
        }
        for weights in [even, sizes.scarcity] {
            for norm in SizeNorm.allCases {
                for choice in ItemCentricPacking.Choice.allCases where !meter.isExhausted {
                    let order = sizes.order(norm, weights)
                    offer(ItemCentricPacking.pack(instance, order: order, choice: choice, meter: meter))
                }
            }
        }
        return best
    }

    /// Two of them, for a rest that is packed many times.
    static func few(_ instance: PackingInstance, meter: StepMeter) -> [PackingDraft] {
        let sizes = NormalSizes(instance)
        let order = sizes.order(.squares, sizes.scarcity)
        let first = ItemCentricPacking.pack(instance, order: order, choice: .best, meter: meter)
        guard let second = BinCentricPacking.pack(instance, fit: .product, scale: .demand, meter: meter) else {
            return [first]
        }
        return [first, second]
    }
}
