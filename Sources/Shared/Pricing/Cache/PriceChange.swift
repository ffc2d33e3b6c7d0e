/// Which stored prices have just changed: what is kept elsewhere of them is out of date.
package enum PriceChange: Sendable, Hashable {
    /// Of one region.
    case spotPrices(region: String)
    case spotAdvisor
    case onDemand

    /// A name for keys.
    var name: String {
        switch self {
        case .spotPrices(let region): "spot:\(region)"
        case .spotAdvisor: "advisor"
        case .onDemand: "on_demand"
        }
    }
}
