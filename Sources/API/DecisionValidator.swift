import Contract
import Engines
import Pricing
import ThreadExecution

/// Refuses what a worker would refuse later, before anything is accepted.
struct DecisionValidator: Sendable {
    /// Beyond this size reading a body takes a millisecond or more, and leaves the threads that serve requests.
    private static let inlineBytes = 64 << 10

    let regions: RegionList
    let compute: ComputePool
    let defaultRegion: String
    /// The largest body that is accepted, counted unpacked.
    let maxBytes: Int

    /// The request's cluster, by which the queue shares fairly; empty without one.
    ///
    /// - Throws: 400 for what is no JSON, 422 with field and hint for everything else.
    func check(_ body: [UInt8], type: DecisionType) async throws -> String {
        let known = await regions.names()
        if body.count <= Self.inlineBytes { return try check(body, type: type, known: known) }
        return try await compute.run { try check(body, type: type, known: known) }
    }

    private func check(_ body: [UInt8], type: DecisionType, known: [String]) throws -> String {
        let request = try DecisionRequest(body: body, type: type, limits: JSONLimits(maximumBytes: maxBytes))
        guard let engine = DecisionEngines.engine(for: type) else {
            throw APIError(.notFound, "no engine decides \(type.rawValue) yet")
        }
        let question = try engine.init(request, defaults: EngineDefaults(region: defaultRegion))
        try question.marketKey.check(known: known)
        return request.clusterID ?? ""
    }
}

/// The regions the loaded feed covers, read every now and then.
actor RegionList {
    private static let validFor: Duration = .seconds(10)

    private let prices: PriceStore
    private var last: (names: [String], at: ContinuousClock.Instant)?
    private var refresh: Task<[String], Never>?

    init(prices: PriceStore) {
        self.prices = prices
    }

    /// Empty while no feed is loaded, or when the store cannot say: a name is then not refused.
    func names() async -> [String] {
        if let last, ContinuousClock.now - last.at < Self.validFor { return last.names }
        // One question at a time, and while it is under way the old answer is good enough: the price store needs tens of
        // milliseconds for it, and dozens of requests come together.
        let task = refresh ?? Task { await read() }
        refresh = task
        if let last { return last.names }
        return await task.value
    }

    private func read() async -> [String] {
        let names = (try? await prices.regions())?.filter { $0.advisorRows > 0 }.map(\.name) ?? last?.names ?? []
        last = (names, .now)
        refresh = nil
        return names
    }
}
