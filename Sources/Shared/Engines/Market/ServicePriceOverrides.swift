package import Contract

/// Prices of services that the caller brings along: `requirements.service_prices`, such as
/// `{"ebs.gp3.gb_month": 0.076}`.
package struct ServicePriceOverrides: Sendable, Hashable {
    package private(set) var usd: [ServiceItem: Double] = [:]
    package private(set) var problems: [ItemProblem] = []

    package init() {}

    /// Reads the prices from the requirements; an entry that is none is reported and the rest goes on.
    ///
    /// - Throws: 422 when the field is no object at all.
    package init(_ requirements: JSONReader) throws(APIError) {
        guard let field = try requirements.optional("service_prices") else { return }
        for member in try field.object().members {
            let entry = JSONReader(member.value, path: .key(field.path, member.key))
            do throws(APIError) {
                guard let item = ServiceItem(rawValue: member.key) else {
                    throw entry.invalid(
                        "is no known item",
                        hint: "Known are " + ServiceItem.allCases.map(\.rawValue).joined(separator: ", ") + "."
                    )
                }
                let price = try entry.number(in: 0...1_000_000, unit: "USD")
                guard price > 0 else { throw entry.invalid("is no price: 0 means missing") }
                usd[item] = price
            } catch {
                problems.append(ItemProblem(error, at: entry))
            }
        }
    }
}

/// The service prices that count for one decision: the market's, with the caller's on top.
package struct ServiceTariff: Sendable {
    private let market: ServicePrices
    private let caller: [ServiceItem: Double]

    package init(_ market: ServicePrices, _ overrides: ServicePriceOverrides) {
        self.market = market
        caller = overrides.usd
    }

    /// USD in the item's unit; nothing when nobody knows it.
    package subscript(item: ServiceItem) -> Double? { caller[item] ?? market[item] }

    /// `caller`, or the name of the market's source.
    package func origin(_ item: ServiceItem) -> String? {
        if caller[item] != nil { return DataSource.callerName }
        return market[item] == nil ? nil : market.source?.name ?? "market"
    }

    /// The sources of what has been used, for the answer.
    package func sources(of used: ServiceItemSet) -> [DataSource] {
        let items = used.items
        var sources: [DataSource] = []
        if items.contains(where: { caller[$0] == nil && market[$0] != nil }), let source = market.source {
            sources.append(source)
        }
        if items.contains(where: { caller[$0] != nil }) {
            sources.append(DataSource(kind: "service_prices", name: DataSource.callerName, fetchedAt: nil))
        }
        return sources
    }
}

extension DataSource {
    /// What a figure is said to come from when the request itself brought it.
    package static let callerName = "caller"
}
