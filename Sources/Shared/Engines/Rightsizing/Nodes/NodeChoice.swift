import Contract

/// The cheapest type that meets a demand.
package struct NodeChoice: Sendable, Hashable {
    package var spec: InstanceSpec
    package var price: InstanceTariff.Quote

    /// Types of a market with their prices, cheapest first: sorted once, searched for every node.
    struct Shelf {
        struct Item {
            let spec: InstanceSpec
            let price: InstanceTariff.Quote
            /// Counts between equals: the newer, then the one whose family suits the work, then the name.
            let preferred: Bool
        }

        let items: [Item]
        let unpriced: [String]

        init(_ market: RegionMarket, preferredFamilies: [String], price: (String) -> InstanceTariff.Quote?) {
            var items: [Item] = []
            var unpriced: [String] = []
            for spec in market.catalogue.values {
                if let price = price(spec.name) {
                    let preferred = preferredFamilies.contains(spec.family)
                    items.append(Item(spec: spec, price: price, preferred: preferred))
                } else {
                    unpriced.append(spec.name)
                }
            }
            self.items = items.sorted { left, right in
                if left.price.hourly != right.price.hourly { return left.price.hourly < right.price.hourly }
                if left.preferred != right.preferred { return left.preferred }
                if left.spec.generation != right.spec.generation { return left.spec.generation > right.spec.generation }
                return left.spec.name < right.spec.name
            }
            self.unpriced = unpriced.sorted()
        }

        /// Searches upwards in price and counts what the cheaper types lacked; beyond the first that fits it does not look.
        func first(_ demand: NodeDemand, _ shortages: inout [String: Int]) -> NodeChoice? {
            for item in items {
                guard let shortage = demand.shortage(in: item.spec) else {
                    return NodeChoice(spec: item.spec, price: item.price)
                }
                shortages[shortage, default: 0] += 1
            }
            return nil
        }
    }
}
