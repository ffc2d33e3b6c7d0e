import Contract

/// Every type of the market, judged: the candidates, those without a price, and the rejected.
struct SpotEvaluation {
    /// Recommendable, in ranking order: with prices first, then those whose price is unknown.
    private(set) var passing: [SpotCandidate] = []
    /// Fit for the request with a known on-demand price, cheapest first: the fallback and the on-demand share.
    private(set) var onDemand: [SpotCandidate] = []
    private(set) var rejected = Rejections()
    /// Types that fit but have no on-demand price.
    private(set) var missingPrices: [String] = []
    private(set) var considered = 0
    /// Every type with all its pools, in the order of names; only when the request asks for evidence.
    private(set) var judged: [SpotJudgement] = []
    /// True when a default stood in for the measured volatility of some candidate.
    private(set) var usesFallback = false

    private let request: SpotRequest
    private let policy: SpotPolicy
    private let now: Timestamp
    private let market: RegionMarket
    private let zones: [String]
    private let histories: [String: [SpotPriceHistory]]
    private let learned: [PoolKey: LearnedScore]
    private let entries: [String: AdvisorEntry]
    private let weight: Double
    /// USD per interruption.
    let restartCost: Double
    let minimumSafety: Double

    private struct PoolKey: Hashable {
        let type: String
        let zone: String
    }

    init(_ request: SpotRequest, _ market: RegionMarket, now: Timestamp, policy: SpotPolicy, judging: Bool = true) {
        self.request = request
        self.policy = policy
        self.now = now
        self.market = market
        let known = Set(market.zones.isEmpty ? request.clusterZones : market.zones)
        zones = (request.zones.isEmpty ? known : Set(request.zones)).sorted()
        histories = Dictionary(grouping: market.spotPrices, by: \.instanceType)
        learned = Dictionary(
            market.learned.map { (PoolKey(type: $0.instanceType, zone: $0.zone), $0) },
            uniquingKeysWith: { ($0.confidence, $0.score) < ($1.confidence, $1.score) ? $1 : $0 }
        )
        weight = SpotScorer.learnedWeight(hours: request.observedHours)
        restartCost = request.restartCost ?? policy.restartCosts[request.workload] ?? 0
        minimumSafety = request.minimumSafety ?? policy.minimumSafety
        let entries = Dictionary(market.advisor.map { ($0.instanceType, $0) }, uniquingKeysWith: Self.worse)
        self.entries = entries
        guard judging else { return }
        judgeAll()
        rank()
    }

    /// Every pool of every type of the feed with its score, whether it fits the request or not.
    var allScores: [SpotTypeScore] {
        entries.keys.sorted().flatMap { type in
            let price = onDemandPrice(type)
            return pools(type, entries[type], price).map { pool in
                SpotTypeScore(
                    instanceType: type,
                    zone: pool.zone,
                    score: pool.score,
                    spotPrice: pool.price,
                    onDemandPrice: price,
                    expectedMonthlyCost: pool.expectedMonthlyCost
                )
            }
        }
    }

    /// A price of zero is a missing price.
    private func onDemandPrice(_ type: String) -> Double? {
        market.onDemand[type].flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    // MARK: Judging

    private mutating func judgeAll() {
        let filter = SpotFilter(request, policy)
        let names = Set(entries.keys).union(market.onDemand.keys).sorted()
        considered = names.count
        for name in names {
            let before = rejected.all.count
            if let spec = market.catalogue[name] {
                if let rejection = filter.rejection(of: spec) {
                    rejected.add(rejection)
                } else {
                    judge(spec, entries[name])
                }
            } else {
                rejected.add(Rejection(name, "not_in_catalogue"))
            }
            if request.explains { explain(name, rejected.all.count > before ? rejected.all.last : nil) }
        }
    }

    /// Keeps what a type was judged by, with the refusal of each of its pools.
    private mutating func explain(_ name: String, _ rejection: Rejection?) {
        let entry = entries[name]
        let price = onDemandPrice(name)
        let pools = self.pools(name, entry, price).map { pool in
            SpotJudgement.Pool(pool: pool, refusal: refusal(of: pool, price, entry?.savingsPercent)?.0)
        }
        judged.append(
            SpotJudgement(name: name, entry: entry, onDemand: price, pools: pools, rejection: rejection)
        )
    }

    /// Of two rows for one type the worse counts: a feed that contradicts itself is not to be trusted with the better.
    private static func worse(_ left: AdvisorEntry, _ right: AdvisorEntry) -> AdvisorEntry {
        (left.band.index, -left.savingsPercent) < (right.band.index, -right.savingsPercent) ? right : left
    }

    private mutating func judge(_ spec: InstanceSpec, _ entry: AdvisorEntry?) {
        let price = onDemandPrice(spec.name)
        let pools = self.pools(spec.name, entry, price)
        var candidate = SpotCandidate(
            spec: spec,
            band: entry?.band,
            advisorSavingsPercent: entry?.savingsPercent,
            onDemand: price,
            pools: pools
        )
        if price != nil { onDemand.append(candidate) } else { missingPrices.append(spec.name) }
        if entry == nil, !request.allowsUnknown {
            return rejected.add(Rejection(spec.name, "unknown_in_advisor"))
        }
        usesFallback = usesFallback || pools.contains { $0.score.volatilityIsFallback }
        candidate.pools = pools.filter { refusal(of: $0, price, entry?.savingsPercent) == nil }
        if candidate.pools.isEmpty {
            let reason =
                pools.first.flatMap { refusal(of: $0, price, entry?.savingsPercent) } ?? ("no_offer_in_zones", nil)
            return rejected.add(Rejection(spec.name, reason.0, detail: reason.1))
        }
        passing.append(candidate)
    }

    private func refusal(of pool: SpotPool, _ onDemand: Double?, _ savings: Int?) -> (String, String?)? {
        if let price = pool.price, let onDemand, price >= onDemand {
            return ("spot_not_below_on_demand", "\(price) against \(onDemand) USD/h")
        }
        if pool.price == nil, let savings, savings <= 0 {
            return ("spot_not_below_on_demand", "\(savings) % savings in the feed")
        }
        if let most = request.maximumPrice {
            guard let price = pool.price else { return ("price_unknown", "a maximum price was asked for") }
            if price > most { return ("above_max_price", "\(price) USD/h") }
        }
        if let most = request.maximumRisk, pool.score.interruptionProbability > most {
            return ("above_max_interruption_risk", "\(pool.score.interruptionProbability)")
        }
        if pool.score.safety < minimumSafety {
            return ("below_min_safety", JSONValue.rounded(pool.score.safety, 4).text())
        }
        return nil
    }

    // MARK: Pools

    private func pools(_ type: String, _ entry: AdvisorEntry?, _ onDemand: Double?) -> [SpotPool] {
        let recorded = (histories[type] ?? []).filter { $0.points.contains { $0.at <= now } }
        var byZone: [String: SpotPriceHistory] = [:]
        for history in recorded where zones.isEmpty || zones.contains(history.zone) { byZone[history.zone] = history }
        // Where prices are recorded the type is offered; elsewhere it may not be.
        var offered: [String?] = byZone.keys.sorted()
        if recorded.isEmpty { offered = zones.isEmpty ? [nil] : zones }
        return offered.map { pool(type, entry, onDemand, zone: $0, byZone) }.sorted(by: isBetter)
    }

    private func pool(
        _ type: String,
        _ entry: AdvisorEntry?,
        _ onDemand: Double?,
        zone: String?,
        _ byZone: [String: SpotPriceHistory]
    ) -> SpotPool {
        let history = zone.flatMap { byZone[$0] }
        let current = history?.points.last { $0.at <= now }
        // A price that was last confirmed before the window is no longer evidence: AWS repeats prices daily.
        let isFresh = current.map { now.hours(since: $0.at) <= Double(policy.volatilityWindowDays * 24) } ?? false
        let savings = entry.map { Double($0.savingsPercent) / 100 }
        let derived = onDemand.flatMap { price in savings.map { price * (1 - $0) } }
        let price = isFresh ? current?.price : derived.flatMap { $0 > 0 ? $0 : nil }
        let ratio = onDemand.flatMap { onDemand in price.map { $0 / onDemand } } ?? savings.map { 1 - $0 }
        let lesson = zone.flatMap { learned[PoolKey(type: type, zone: $0)] }
        let score = SpotScorer.score(
            .init(
                bandIndex: entry?.band.index,
                history: isFresh ? history?.points ?? [] : [],
                priceRatio: ratio,
                learnedScore: lesson?.score,
                learnedConfidence: lesson?.confidence ?? 0,
                learnedWeight: weight
            ),
            now: now,
            policy: policy
        )
        return SpotPool(
            zone: zone,
            score: score,
            price: price,
            origin: price == nil ? .unknown : (isFresh ? .history : .derived),
            pricedAt: isFresh ? current?.at : nil,
            expectedMonthlyCost: price.map {
                SpotCost.expectedMonthly(price: $0, probability: score.interruptionProbability, restartCost, policy)
            }
        )
    }

    // MARK: Order

    private mutating func rank() {
        let order = self
        passing.sort { order.isBetter($0, $1) }
        onDemand.sort { ($0.onDemand ?? .infinity, $0.name) < ($1.onDemand ?? .infinity, $1.name) }
    }

    /// A total order: no two different types or zones compare equal.
    private func isBetter(_ left: SpotCandidate, _ right: SpotCandidate) -> Bool {
        guard let first = left.pools.first, let second = right.pools.first else { return left.name < right.name }
        // Without an on-demand price there are no savings to rank by: such types come last.
        if (left.onDemand == nil) != (right.onDemand == nil) { return left.onDemand != nil }
        if left.onDemand == nil || request.ranking == .safety {
            return (-first.score.safety, -(left.savingsFraction ?? 0), left.name)
                < (-second.score.safety, -(right.savingsFraction ?? 0), right.name)
        }
        return (rankingCost(left.spec, first), -first.score.safety, left.name)
            < (rankingCost(right.spec, second), -second.score.safety, right.name)
    }

    /// Cost of one node; where only a total is asked for, cost of covering it with nodes of this type.
    private func rankingCost(_ spec: InstanceSpec, _ pool: SpotPool) -> Double {
        guard let cost = pool.expectedMonthlyCost else { return .infinity }
        guard request.node.isEmpty, !request.total.isEmpty else { return cost }
        func nodes(_ want: Int, _ each: Int) -> Double { want == 0 ? 0 : Double(want) / Double(max(1, each)) }
        return cost
            * max(
                nodes(request.total.millicores, spec.allocatableMillicores),
                nodes(request.total.mebibytes, spec.allocatableMiB),
                nodes(request.total.pods, spec.maximumPods)
            )
    }

    private func isBetter(_ left: SpotPool, _ right: SpotPool) -> Bool {
        let costs = (left.expectedMonthlyCost ?? .infinity, right.expectedMonthlyCost ?? .infinity)
        if request.ranking == .safety {
            return (-left.score.safety, costs.0, left.zone ?? "") < (-right.score.safety, costs.1, right.zone ?? "")
        }
        return (costs.0, -left.score.safety, left.zone ?? "") < (costs.1, -right.score.safety, right.zone ?? "")
    }
}

/// What a pool costs per month when its interruptions are paid for too.
package enum SpotCost {
    /// `730 × price + p × restart cost`, in USD.
    package static func expectedMonthly(
        price: Double,
        probability: Double,
        _ restartCost: Double,
        _ policy: SpotPolicy = .standard
    ) -> Double {
        policy.hoursPerMonth * price + probability * restartCost
    }
}
