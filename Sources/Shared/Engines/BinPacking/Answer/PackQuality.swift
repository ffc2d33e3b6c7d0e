import Contract

/// How far the answer can be trusted: a figure for machines, sentences for people.
struct PackQuality: Sendable {
    private(set) var score = 1.0
    private(set) var warnings: [String] = []
    private(set) var usesFallback = false

    init(_ request: PackRequest, _ market: RegionMarket, _ model: PackModel, now: Timestamp) {
        judgePrices(model, market, now)
        judgeNodes(model)
        judgeRequest(request, model)
        if market.sources.contains(where: \.isSample) {
            lower(to: 0.5)
            warnings.append("SAMPLE data: made-up figures for trying things out, not for real decisions")
        }
    }

    private mutating func judgePrices(_ model: PackModel, _ market: RegionMarket, _ now: Timestamp) {
        let nodes = model.nodes.prefix(model.nodeCount)
        let missing = nodes.count { $0.price == nil }
        if missing > 0 {
            score *= 1 - 0.3 * Double(missing) / Double(max(1, nodes.count))
            warnings.append("\(missing) of \(nodes.count) nodes have no known price and count for no saving")
        }
        let derived = nodes.count { $0.priceOrigin == .spotDerived }
        if derived > 0 {
            lower(to: 0.9)
            usesFallback = true
            warnings.append("\(derived) spot prices are derived from the Spot Advisor's savings")
        }
        let unknown = nodes.count { $0.capacityType == .unknown && $0.price != nil }
        if unknown > 0 {
            lower(to: 0.8)
            usesFallback = true
            warnings.append("\(unknown) nodes do not say whether they are spot: counted with the on-demand price")
        }
        if let fetched = market.onDemandSource?.fetchedAt, now.hours(since: fetched) > 30 * 24 {
            lower(to: 0.8)
            warnings.append("the on-demand prices are \(Int(min(1e6, now.hours(since: fetched) / 24))) days old")
        }
    }

    private mutating func judgeNodes(_ model: PackModel) {
        let nodes = model.nodes.prefix(model.nodeCount)
        let estimated = nodes.count(where: \.isEstimated)
        if estimated > 0 {
            lower(to: 0.8)
            usesFallback = true
            warnings.append("\(estimated) nodes do not say what they can hold: estimated from capacity or type")
        }
        let usesVolumes = model.classes.contains { $0.request[PackModel.volumes] > 0 }
        let assumed = nodes.count(where: \.attachLimitIsAssumed)
        if usesVolumes, assumed > 0 {
            lower(to: 0.9)
            usesFallback = true
            warnings.append(
                "\(assumed) nodes do not say how many volumes they can attach: Kubernetes' defaults for EBS"
            )
        }
    }

    private mutating func judgeRequest(_ request: PackRequest, _ model: PackModel) {
        let problems = request.cluster.problems.count + model.problems.count
        if problems > 0 {
            lower(to: 0.8)
            warnings.append("\(problems) items of the input could not be used as they are")
        }
        if !request.hasBudgets, !model.pods.isEmpty {
            lower(to: 0.95)
            warnings.append("no pod disruption budgets were sent: the waves know of none, the Eviction API still does")
        }
        warnings += model.assumptions
    }

    private mutating func lower(to most: Double) { score = min(score, most) }
}
