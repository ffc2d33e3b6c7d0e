import Engines
import Pricing

/// Markets read from the price store, kept while the store's data has not changed.
///
/// A decision costs one small query for the data's version; the market itself is read again only when that has moved.
actor MarketCache {
    /// The version is asked for this often at most: prices change hourly at best.
    private static let trustFor: Duration = .seconds(2)

    private struct Key: Hashable {
        let region: String
        let operatingSystem: RegionMarket.OperatingSystem
    }

    private struct Entry {
        let task: Task<RegionMarket, any Error>
        let version: Int64
    }

    private let prices: PriceStore
    private var entries: [Key: Entry] = [:]
    private var version: (number: Int64, at: ContinuousClock.Instant)?

    init(prices: PriceStore) {
        self.prices = prices
    }

    /// - Throws: whatever the store throws; the next call asks it again.
    func market(_ wanted: MarketKey) async throws -> RegionMarket {
        let version = try await currentVersion()
        let (region, operatingSystem) = (wanted.region, wanted.operatingSystem)
        let key = Key(region: region, operatingSystem: operatingSystem)
        if let entry = entries[key], entry.version == version { return try await entry.task.value }
        // One reader per market and version, however many ask at once.
        let task = Task { [prices] in
            let regions = try await prices.regions().filter { $0.advisorRows > 0 }.map(\.name)
            return try await prices.snapshot(region: region, operatingSystem: operatingSystem.rawValue)
                .regionMarket(knownRegions: regions)
        }
        entries[key] = Entry(task: task, version: version)
        do {
            return try await task.value
        } catch {
            if entries[key]?.version == version { entries[key] = nil }
            throw error
        }
    }

    private func currentVersion() async throws -> Int64 {
        if let version, ContinuousClock.now - version.at < Self.trustFor { return version.number }
        let number = try await prices.dataVersion()
        version = (number, .now)
        return number
    }
}
