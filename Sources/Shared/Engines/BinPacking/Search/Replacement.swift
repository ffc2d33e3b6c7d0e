import Contract

/// One new node in the place of several.
struct Replacement: Sendable {
    var slot: Int
    var spec: InstanceSpec
    /// Billionths of a USD per hour.
    var price: Int64
    var priceOrigin: ExactPrice.Origin
    /// Room on it, by resource, before its DaemonSet pods.
    var room: [Int64]
    /// The nodes that can go because of it.
    var replaced: [Int]
    /// Cheaper types that would do as well; for spot nodes at least 15.
    var alternatives: Int
}

/// Types a slot may be filled with, cheapest first.
struct ReplacementCatalogue: Sendable {
    struct Offer: Sendable {
        var spec: InstanceSpec
        var price: Int64
        var origin: ExactPrice.Origin
        var room: [Int64]
    }

    private let offers: [Int: [Offer]]
    /// Karpenter: a spot node is replaced by spot only when this many cheaper types would do, or the churn never ends.
    static let leastSpotTypes = 15
    /// Older generations cost more for less.
    private static let oldestGeneration = 3

    init(_ model: PackModel, _ options: PackOptions, _ market: RegionMarket, _ prices: PriceList) {
        var offers: [Int: [Offer]] = [:]
        let specs = market.catalogue.values.sorted { $0.name < $1.name }
        for slot in model.nodeCount..<model.nodes.count {
            guard let template = model.nodes[slot].template, let type = model.nodes[template].instanceType,
                let old = market.catalogue[type]
            else { continue }
            offers[slot] = specs.compactMap { spec in
                Self.offer(spec, slot, template, old, model, options, prices)
            }.sorted { ($0.price, $0.spec.name) < ($1.price, $1.spec.name) }
        }
        self.offers = offers
    }

    private static func offer(
        _ spec: InstanceSpec,
        _ slot: Int,
        _ template: Int,
        _ old: InstanceSpec,
        _ model: PackModel,
        _ options: PackOptions,
        _ prices: PriceList
    ) -> Offer? {
        guard spec.architecture == old.architecture, !spec.isBareMetal, spec.gpuCount == 0,
            !spec.isBurstable || old.isBurstable, spec.generation >= oldestGeneration
        else { return nil }
        let price = prices.price(spec.name, zone: model.nodes[slot].zone, isSpot: model.nodes[slot].isSpot)
        guard let nanos = price.nanos else { return nil }
        let amounts = ClusterCompiler.amounts(spec)
        let room = model.resources.enumerated().map { index, name -> Int64 in
            switch index {
            case PackModel.volumes: VolumeRule.limit(ofType: spec.name)
            // The disk comes with the launch template, not with the type.
            case PackModel.ephemeral: model.capacity[template * model.dimensions + index]
            default: amounts.amount(of: name)
            }
        }
        return Offer(
            spec: spec,
            price: nanos,
            origin: price.origin,
            room: ClusterCompiler.limit(room, headroom: options.headroom)
        )
    }

    func offers(_ slot: Int) -> [Offer] { offers[slot] ?? [] }

    /// The most of each resource that any type below the price has.
    func widest(_ slot: Int, below price: Int64, dimensions: Int) -> [Int64] {
        var widest = Array(repeating: Int64(0), count: dimensions)
        for offer in offers(slot) where offer.price < price {
            for index in 0..<dimensions { widest[index] = max(widest[index], offer.room[index]) }
        }
        return widest
    }

    /// The cheapest type with the room, and how many cheaper than the limit have it.
    func cheapest(_ slot: Int, needing need: [Int64], below price: Int64) -> (offer: Offer, count: Int)? {
        var first: Offer?
        var count = 0
        for offer in offers(slot) where offer.price < price {
            guard zip(offer.room, need).allSatisfy({ $0 >= $1 || $1 <= 0 }) else { continue }
            first = first ?? offer
            count += 1
        }
        return first.map { ($0, count) }
    }
}
