/// Coalesces what waits while the last flight is under way: no timer, so a lone item leaves at once.
///
/// One row per commit gives about a thousand rows a second; what queues up behind a commit gives tens of thousands.
package actor GroupCommit<Item: Sendable, Outcome: Sendable> {
    /// Carries a batch; returns one outcome per item, in order.
    package typealias Flight = @Sendable (_ batch: [Item]) async throws -> [Outcome]

    private struct Waiter {
        let item: Item
        let weight: Int
        let continuation: CheckedContinuation<Outcome, any Error>
    }

    private let maxItems: Int
    private let maxWeight: Int
    private let maxWaiting: Int
    private let maxFlights: Int
    private let weigh: @Sendable (Item) -> Int
    private let conflicts: (@Sendable (Item) -> String?)?
    private let flight: Flight
    private var waiting: [Waiter] = []
    private var flights = 0

    /// - Parameters:
    ///   - maxItems: The most items of one flight.
    ///   - maxWeight: The most weight of one flight, in the unit of `weigh`; one heavier item flies alone.
    ///   - maxWaiting: Beyond this many waiting items, new ones are refused.
    ///   - flights: How many may be under way at once.
    ///   - weigh: An item's weight, commonly its bytes.
    ///   - conflicts: Items of the same value never share a flight.
    ///   - flight: Carries a batch.
    package init(
        maxItems: Int,
        maxWeight: Int = .max,
        maxWaiting: Int,
        flights: Int = 1,
        weigh: @escaping @Sendable (Item) -> Int = { _ in 1 },
        conflicts: (@Sendable (Item) -> String?)? = nil,
        flight: @escaping Flight
    ) {
        self.maxItems = maxItems
        self.maxWeight = maxWeight
        self.maxWaiting = maxWaiting
        self.maxFlights = flights
        self.weigh = weigh
        self.conflicts = conflicts
        self.flight = flight
    }

    package var waitingCount: Int { waiting.count }

    /// Returns when the flight that carried the item has landed.
    ///
    /// - Throws: ``JobError`` `.overloaded` when too many wait; whatever the flight threw.
    package func submit(_ item: Item) async throws -> Outcome {
        guard waiting.count < maxWaiting else {
            throw JobError(.overloaded, "\(maxWaiting) requests wait for the ledger already; try again in a second")
        }
        let weight = weigh(item)
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiter(item: item, weight: weight, continuation: continuation))
            launchIfPossible()
        }
    }

    private func launchIfPossible() {
        while flights < maxFlights, !waiting.isEmpty {
            let batch = takeBatch()
            flights += 1
            Task { await fly(batch) }
        }
    }

    private func takeBatch() -> [Waiter] {
        var batch: [Waiter] = []
        var left: [Waiter] = []
        var seen: Set<String> = []
        var weight = 0
        for (index, waiter) in waiting.enumerated() {
            if batch.count == maxItems || (!batch.isEmpty && weight + waiter.weight > maxWeight) {
                left.append(contentsOf: waiting[index...])
                break
            }
            if let value = conflicts?(waiter.item), !seen.insert(value).inserted {
                left.append(waiter)
                continue
            }
            weight += waiter.weight
            batch.append(waiter)
        }
        waiting = left
        return batch
    }

    private func fly(_ batch: [Waiter]) async {
        do {
            let outcomes = try await flight(batch.map(\.item))
            precondition(outcomes.count == batch.count, "a flight answers for every item it carried")
            for (waiter, outcome) in zip(batch, outcomes) { waiter.continuation.resume(returning: outcome) }
        } catch {
            for waiter in batch { waiter.continuation.resume(throwing: error) }
        }
        flights -= 1
        launchIfPossible()
    }
}
