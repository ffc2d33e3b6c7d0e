package import Contract

/// Everything known about one region and operating system at one moment: the data half of every engine's input.
///
/// Plain values; the pricing store fills them. Lists may come in any order.
package struct RegionMarket: Sendable, Hashable, Codable {
    package enum OperatingSystem: String, Sendable, CaseIterable, Hashable, Codable {
        case linux = "Linux"
        case windows = "Windows"
    }

    package var region: String
    package var operatingSystem: OperatingSystem
    /// Every region the feed covers, for telling a typo from a region without data.
    package var knownRegions: [String]
    /// The zones of the region; empty when nobody told us, which is not the same as having none.
    package var zones: [String]
    package var advisor: [AdvisorEntry]
    /// USD per hour by type.
    ///
    /// A price of zero is a missing price.
    package var onDemand: [String: Double]
    package var spotPrices: [SpotPriceHistory]
    package var learned: [LearnedScore]
    /// The model that the learned scores come from.
    package var model: ModelStamp?
    package var catalogue: [String: InstanceSpec]
    package var services: ServicePrices
    package var advisorSource: DataSource?
    package var onDemandSource: DataSource?
    package var spotPriceSource: DataSource?
    package var catalogueSource: DataSource?
    package var snapshotID: String?

    package init(
        region: String,
        operatingSystem: OperatingSystem = .linux,
        knownRegions: [String] = [],
        zones: [String] = [],
        advisor: [AdvisorEntry] = [],
        onDemand: [String: Double] = [:],
        spotPrices: [SpotPriceHistory] = [],
        learned: [LearnedScore] = [],
        catalogue: [String: InstanceSpec] = [:],
        services: ServicePrices = .init(),
        advisorSource: DataSource? = nil,
        onDemandSource: DataSource? = nil,
        spotPriceSource: DataSource? = nil,
        catalogueSource: DataSource? = nil,
        snapshotID: String? = nil
    ) {
        self.region = region
        self.operatingSystem = operatingSystem
        self.knownRegions = knownRegions
        self.zones = zones
        self.advisor = advisor
        self.onDemand = onDemand
        self.spotPrices = spotPrices
        self.learned = learned
        self.catalogue = catalogue
        self.services = services
        self.advisorSource = advisorSource
        self.onDemandSource = onDemandSource
        self.spotPriceSource = spotPriceSource
        self.catalogueSource = catalogueSource
        self.snapshotID = snapshotID
    }

    /// The sources of instance data that are there, in a fixed order.
    package var sources: [DataSource] {
        [advisorSource, onDemandSource, spotPriceSource, catalogueSource].compactMap { $0 }
    }
}
