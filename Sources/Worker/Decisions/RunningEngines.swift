import Contract
import CustomEngines
import Scripts

/// Which uploaded engines take part in decisions, read every now and then.
actor RunningEngines {
    /// An activation is in force everywhere after this time: one query a second and worker, however many decisions.
    private static let trustFor: Duration = .seconds(1)

    private let store: EngineStore
    private var last: (engines: [EngineRecord], at: ContinuousClock.Instant)?
    private var reading: Task<[EngineRecord], any Error>?

    init(store: EngineStore) {
        self.store = store
    }

    /// The engines of a type that take part now; usually none.
    ///
    /// - Throws: What the store throws: which engine decides is no matter for guesses.
    func engines(of type: DecisionType) async throws -> EngineChoice {
        let all: [EngineRecord]
        if let last, ContinuousClock.now - last.at < Self.trustFor {
            all = last.engines
        } else {
            all = try await read()
        }
        let ours = all.filter { $0.engine.type == type }
        return EngineChoice(
            active: ours.first { $0.mode == .active },
            shadow: ours.first { $0.mode == .shadow }
        )
    }

    private func read() async throws -> [EngineRecord] {
        if let reading { return try await reading.value }
        // The moment of the question counts, not that of the answer: nothing is trusted longer than promised.
        let asked = ContinuousClock.now
        let task = Task { [store] in try await store.running() }
        reading = task
        defer { reading = nil }
        let engines = try await task.value
        last = (engines, asked)
        return engines
    }
}

/// The uploaded engines that take part in one decision.
struct EngineChoice: Sendable {
    let active: EngineRecord?
    let shadow: EngineRecord?

    var isEmpty: Bool { active == nil && shadow == nil }
}
