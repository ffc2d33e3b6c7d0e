package import Engines
package import Pricing
package import ThreadExecution

/// Markets read from the price store, kept while the store's data has not changed.
///
/// A decision costs one small query for the data's version; the market itself is read again only when that has moved.
package actor MarketCache {
    /// The version is asked for this often at most: prices change hourly at best.
    private static let trustFor: Duration = .seconds(2)

    /// A market, and the form in which decisions made in it are archived.
    package struct Entry: Sendable {
        package let market: RegionMarket
        package let snapshot: MarketSnapshot

        package init(market: RegionMarket, snapshot: MarketSnapshot) {
            self.market = market
            self.snapshot = snapshot
        }
    }

    private struct Key: Hashable {
        let region: String
        let operatingSystem: RegionMarket.OperatingSystem
    }

    private struct Reading {
        let task: Task<Entry, any Error>
        let version: Int64
    }

    private let prices: PriceStore
    private let compute: ComputePool
    private var readings: [Key: Reading] = [:]
    private var version: (number: Int64, at: ContinuousClock.Instant)?

    package init(prices: PriceStore, compute: ComputePool) {
        self.prices = prices
        self.compute = compute
    }

    /// - Throws: whatever the store throws; the next call asks it again.
    package func market(_ wanted: MarketKey) async throws -> Entry {
        let version = try await currentVersion()
        let key = Key(region: wanted.region, operatingSystem: wanted.operatingSystem)
        if let reading = readings[key], reading.version == version { return try await reading.task.value }
        // One reader per market and version, however many ask at once.
        let task = Task { [prices, compute] in
            let regions = try await prices.regions().filter { $0.advisorRows > 0 }.map(\.name)
            let market = try await prices.snapshot(region: key.region, operatingSystem: key.operatingSystem.rawValue)
                .regionMarket(knownRegions: regions)
            return Entry(market: market, snapshot: try await compute.run { try MarketSnapshot(market) })
        }
        readings[key] = Reading(task: task, version: version)
        do {
            return try await task.value
        } catch {
            if readings[key]?.version == version { readings[key] = nil }
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
