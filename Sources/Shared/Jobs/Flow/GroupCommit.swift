import Synchronization

/// Coalesces what waits while the last flight is under way: no timer, so a lone item leaves at once.
///
/// One row per commit gives about a thousand rows a second; what queues up behind a commit gives tens of thousands.
package actor GroupCommit<Item: Sendable, Outcome: Sendable> {
    /// Carries a batch; returns one outcome per item, in order.
    package typealias Flight = @Sendable (_ batch: [Item]) async throws -> [Outcome]

    private struct Waiter {
        let item: Item
        let weight: Int
        let deliver: @Sendable (Result<Outcome, any Error>) -> Void
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
        guard waiting.count < maxWaiting else { throw overloaded }
        let weight = weigh(item)
        return try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiter(item: item, weight: weight) { continuation.resume(with: $0) })
            launchIfPossible()
        }
    }

    /// Returns when the flights that carried the items have landed: one outcome per item, in order.
    ///
    /// The items keep their order on the way. All are refused when there is no room for all.
    ///
    /// - Throws: ``JobError`` `.overloaded`.
    package func submit(contentsOf items: [Item]) async throws -> [Result<Outcome, any Error>] {
        guard !items.isEmpty else { return [] }
        guard waiting.count + items.count <= maxWaiting else { throw overloaded }
        return await withCheckedContinuation { continuation in
            let collector = Collector<Outcome>(count: items.count, continuation)
            for (index, item) in items.enumerated() {
                waiting.append(Waiter(item: item, weight: weigh(item)) { collector.deliver($0, at: index) })
            }
            launchIfPossible()
        }
    }

    private var overloaded: JobError {
        JobError(.overloaded, "\(maxWaiting) requests wait for the ledger already; try again in a second")
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
            for (waiter, outcome) in zip(batch, outcomes) { waiter.deliver(.success(outcome)) }
        } catch {
            for waiter in batch { waiter.deliver(.failure(error)) }
        }
        flights -= 1
        launchIfPossible()
    }
}

/// Gathers the outcomes of several items for one caller.
private final class Collector<Outcome: Sendable>: Sendable {
    private struct State {
        var outcomes: [Result<Outcome, any Error>?]
        var open: Int
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<[Result<Outcome, any Error>], Never>

    init(count: Int, _ continuation: CheckedContinuation<[Result<Outcome, any Error>], Never>) {
        state = Mutex(State(outcomes: Array(repeating: nil, count: count), open: count))
        self.continuation = continuation
    }

    func deliver(_ outcome: Result<Outcome, any Error>, at index: Int) {
        let all: [Result<Outcome, any Error>]? = state.withLock { state in
            state.outcomes[index] = outcome
            state.open -= 1
            return state.open == 0 ? state.outcomes.compactMap(\.self) : nil
        }
        if let all { continuation.resume(returning: all) }
    }
}
