package import FoundationEssentials
package import Logging
import Models
import Synchronization
package import ThreadExecution

/// The models that aliases point to, loaded, and exchanged without a pause when an alias moves.
///
/// A new model is read and checked beside the one that answers; then one reference is exchanged. Requests that hold the old
/// one keep it to their end. What cannot be loaded never displaces what runs.
package final class RunningModels: Sendable {
    /// Half of what an activation may take to reach every process.
    private static let pause: Duration = .milliseconds(400)
    private static let heartbeat: Duration = .seconds(10)

    package enum Role: String, Sendable { case api, worker }

    private let store: ModelStore
    private let cache: FormCache
    private let compute: ComputePool
    private let process: String
    private let host: String
    private let role: Role
    private let logger: Logger
    private let running = Mutex<[ModelType: ModelLineUp]>([:])
    private let failed = Mutex<[UUID: Failure]>([:])

    /// A model that could not be loaded: it is tried again ever more rarely.
    private struct Failure {
        let error: String
        var pause: Duration = .seconds(1)
        var nextTry = ContinuousClock.now + .seconds(1)

        static let longestPause: Duration = .seconds(60)
    }

    package init(
        store: ModelStore,
        cache: FormCache,
        compute: ComputePool,
        process: String,
        host: String,
        role: Role,
        logger: Logger
    ) {
        self.store = store
        self.cache = cache
        self.compute = compute
        self.process = process
        self.host = host
        self.role = role
        self.logger = logger
    }

    /// What runs now for a type; costs no more than a lock that nobody holds for long.
    package func lineUp(_ type: ModelType) -> ModelLineUp { running.withLock { $0[type] ?? ModelLineUp() } }

    /// Why models that aliases point to are not run here.
    package var failures: [UUID: String] { failed.withLock { $0.mapValues(\.error) } }

    /// Follows the aliases until the task is cancelled.
    package func run() async {
        var nextBeat = ContinuousClock.now
        var nextSweep = ContinuousClock.now
        while !Task.isCancelled {
            do {
                if ContinuousClock.now >= nextSweep {
                    try await cache.sweep()
                    nextSweep = .now + .seconds(86_400)
                }
                let changed = try await follow()
                if changed || ContinuousClock.now >= nextBeat {
                    try await report()
                    nextBeat = .now + Self.heartbeat
                }
            } catch is CancellationError {
                return
            } catch {
                // What runs goes on; the store is somebody else's alarm.
                logger.debug("the models' aliases cannot be read", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Loads what aliases point to now and exchanges it.
    ///
    /// - Returns: Whether anything changed.
    package func follow() async throws -> Bool {
        let aliases = try await store.aliases()
        let wanted = Set(aliases.map(\.model))
        failed.withLock { failed in failed = failed.filter { wanted.contains($0.key) } }
        let now = running.withLock { $0 }
        var changed = false
        for type in ModelType.allCases {
            var next = ModelLineUp()
            let before = now[type] ?? ModelLineUp()
            for alias in aliases where alias.type == type {
                let old = before[alias.name]
                if let old, old.record.id == alias.model, old.share == alias.share {
                    next[alias.name] = old
                } else {
                    let new = await load(alias, sharing: before)
                    next[alias.name] = new ?? old
                    changed = changed || new != nil
                }
            }
            changed = changed || next.names != before.names
            running.withLock { $0[type] = next }
        }
        return changed
    }

    private func load(_ alias: ModelAlias, sharing before: ModelLineUp) async -> RunningModel? {
        if let failure = failed.withLock({ $0[alias.model] }), ContinuousClock.now < failure.nextTry { return nil }
        do {
            let record = try await store.model(alias.model)
            let loaded = before.all.first { $0.record.id == alias.model }?.model
            let model: LoadedModel
            if let loaded { model = loaded } else { model = try await read(record) }
            failed.withLock { $0[alias.model] = nil }
            logger.notice(
                "a model runs",
                metadata: [
                    "model": "\(record.idText)", "name": "\(record.name)", "version": "\(record.version)",
                    "alias": "\(alias.name)",
                ]
            )
            return RunningModel(
                record: record,
                model: model,
                alias: alias.name,
                share: alias.share,
                loadedAt: Date()
            )
        } catch {
            let isNews = failed.withLock { failed in
                var next = Failure(error: "\(error)")
                if let before = failed[alias.model] {
                    next.pause = min(before.pause * 2, Failure.longestPause)
                    next.nextTry = .now + next.pause
                }
                defer { failed[alias.model] = next }
                return failed[alias.model]?.error != next.error
            }
            if isNews {
                logger.error(
                    "a model cannot be loaded; what ran before goes on",
                    metadata: ["model": "\(alias.model)", "alias": "\(alias.name)", "error": "\(error)"]
                )
            }
            return nil
        }
    }

    private func read(_ record: ModelRecord) async throws -> LoadedModel {
        guard let hash = record.formSHA256 else { throw RegistryError.notReady(record.state.rawValue) }
        let bytes = try await cache.form(hash)
        return try await compute.run {
            var limits = ReadingLimits()
            // It has been read once, within the importer's time: a busy machine must not refuse it here.
            limits.duration = nil
            return try ModelForm.read(bytes, limits: limits)
        }
    }

    private func report() async throws {
        let all = running.withLock { $0 }.values.flatMap(\.all)
        try await store.report(
            process: process,
            host: host,
            role: role.rawValue,
            running: all,
            failed: failures
        )
    }
}
