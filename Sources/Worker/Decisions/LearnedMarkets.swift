import Contract
import Decisions
import Engines
import Predictions
import Registry
import ThreadExecution

/// Markets with the active model's scores, kept as long as prices, model and hour are the same.
///
/// A region has thousands of pools: they are asked about once an hour, not once a decision.
actor LearnedMarkets {
    /// Regions and systems at one hour, and those that decisions of another moment ask for.
    private static let capacity = 64

    private struct Key: Hashable {
        let market: [UInt8]
        let model: String
        let hour: Int64
    }

    private let running: RunningModels
    private let compute: ComputePool
    private var entries: [Key: Task<MarketCache.Entry, any Error>] = [:]
    private var order: [Key] = []

    init(running: RunningModels, compute: ComputePool) {
        self.running = running
        self.compute = compute
    }

    /// The market as the active model sees it at a moment; the one that was given when no model is active.
    func entry(_ known: MarketCache.Entry, at moment: Timestamp) async throws -> MarketCache.Entry {
        guard let model = running.lineUp(.spotPredictor).active else { return known }
        let hour = moment.milliseconds / 3_600_000
        let key = Key(market: known.snapshot.sha256, model: model.record.idText, hour: hour)
        if let task = entries[key] { return try await task.value }
        let task = Task { [compute] in
            try await compute.run {
                let market = LearnedScores.market(
                    known.market,
                    by: model.model,
                    metadata: model.record.metadata,
                    stamp: model.record.stamp,
                    at: Timestamp(milliseconds: hour * 3_600_000)
                )
                return market.model == nil
                    ? known : MarketCache.Entry(market: market, snapshot: try MarketSnapshot(market))
            }
        }
        entries[key] = task
        order.append(key)
        if order.count > Self.capacity { entries[order.removeFirst()] = nil }
        do {
            return try await task.value
        } catch {
            entries[key] = nil
            throw error
        }
    }
}
