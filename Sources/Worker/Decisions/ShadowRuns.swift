import Contract
import CustomEngines
import Jobs
import Logging
import Scripts

/// Runs engines in shadow mode beside live decisions: nobody waits for them, and they never become many.
actor ShadowRuns {
    /// Live decisions come first: what finds no place is left out, and the comparison is a sample then.
    private static let places = 2

    private let store: EngineStore
    private let logger: Logger
    private var tasks: [Int: Task<Void, Never>] = [:]
    private var lastNumber = 0
    private var isClosed = false

    init(store: EngineStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func start(
        _ record: EngineRecord,
        _ job: ClaimedJob,
        _ run: @escaping @Sendable () async throws -> ShadowOutcome.Result
    ) {
        guard !isClosed, tasks.count < Self.places else { return }
        lastNumber += 1
        let number = lastNumber
        tasks[number] = Task {
            await compare(record, job, run)
            tasks[number] = nil
        }
    }

    private func compare(
        _ record: EngineRecord,
        _ job: ClaimedJob,
        _ run: @Sendable () async throws -> ShadowOutcome.Result
    ) async {
        do {
            let outcome = ShadowOutcome(
                engineID: record.id,
                configVersion: record.engine.configVersion,
                execution: job.id.uuid,
                tenant: job.tenant,
                cluster: job.cluster.isEmpty ? nil : job.cluster,
                result: try await run()
            )
            try await store.note(outcome)
        } catch is CancellationError {
            return
        } catch {
            logger.warning(
                "a shadow's answer was not noted",
                metadata: ["engine": "\(record.engine.title)", "job": "\(job.id)", "error": "\(error)"]
            )
        }
    }

    /// Ends what runs.
    func shutdown() async {
        isClosed = true
        let open = Array(tasks.values)
        for task in open { task.cancel() }
        for task in open { await task.value }
    }
}
