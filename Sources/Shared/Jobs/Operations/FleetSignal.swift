package import FoundationEssentials
import Postgres

/// The work that waits, in worker-seconds, and how many workers would do it in time: what an autoscaler reads.
///
/// Nothing in it is ever missing: an empty fleet has zeros.
package struct FleetSignal: Sendable, Equatable {
    /// Within how many seconds the backlog of each lane is to be worked off.
    package struct Objective: Sendable, Equatable {
        package var seconds: [Lane: Double]

        /// - Parameters: seconds to clear the backlog of each lane.
        package init(critical: Double = 1, interactive: Double = 5, batch: Double = 60, bulk: Double = 600) {
            seconds = [.critical: critical, .interactive: interactive, .batch: batch, .bulk: bulk]
        }

        subscript(lane: Lane) -> Double { max(0.001, seconds[lane] ?? 60) }
    }

    package struct LaneSignal: Sendable, Equatable {
        package let lane: Lane
        /// Ready to run.
        package var queued = 0
        /// Ready, but held back by a rule: more workers would not help them.
        package var held = 0
        package var running = 0
        /// Waiting for their time: scheduled jobs and retries.
        package var delayed = 0
        package var isEstimated = false
        package var backlogSeconds = 0.0
        package var oldestSeconds = 0.0
        package var workers = 0
        package var slots = 0
        package var objectiveSeconds = 0.0
        package var neededSlots = 0.0
        package var suggestedWorkers = 0
    }

    package struct Backlog: Sendable, Equatable {
        package let lane: Lane
        package let kind: String
        package let queued: Int
        package let meanSeconds: Double
    }

    package let at: Date
    /// In the order of urgency.
    package let lanes: [LaneSignal]
    /// Kinds that wait, and what one job of each costs.
    package let kinds: [Backlog]
    /// Processes that take work.
    package let workers: Int
    package let slots: Int
    package let slotsPerWorker: Int
    package let suggestedWorkers: Int
    package let deadLetters: Int

    package var isEstimated: Bool { lanes.contains(where: \.isEstimated) }

    /// Puts the signal together from what was counted.
    ///
    /// Needed slots of a lane are those that run now plus the waiting worker-seconds over the objective; workers serve
    /// several lanes, so the fleet needs the sum of all lanes' slots, not of their workers.
    init(
        at: Date,
        counts: [QueueCount],
        costs: [String: Double],
        workers: [(lanes: [Lane], slots: Int)],
        objective: Objective,
        defaultSlots: Int
    ) {
        let slots = workers.map(\.slots).reduce(0, +)
        let perWorker = max(1, workers.isEmpty ? defaultSlots : slots / workers.count)
        func cost(_ kind: String) -> Double { costs[kind] ?? JobKind.named(kind)?.expectedSeconds ?? 1 }
        func workersNeeded(for slots: Double) -> Int { slots <= 0 ? 0 : Int((slots / Double(perWorker)).rounded(.up)) }
        var lanes: [LaneSignal] = []
        var kinds: [Backlog] = []
        for lane in Lane.allCases {
            var signal = LaneSignal(lane: lane)
            for count in counts where count.lane == lane {
                switch count.state {
                case .queued where count.isHeld: signal.held += count.count
                case .queued:
                    signal.queued += count.count
                    signal.backlogSeconds += Double(count.count) * cost(count.kind)
                    let age = count.oldest.map { at.timeIntervalSince($0) } ?? 0
                    signal.oldestSeconds = max(signal.oldestSeconds, age)
                    kinds.append(
                        Backlog(lane: lane, kind: count.kind, queued: count.count, meanSeconds: cost(count.kind))
                    )
                case .running: signal.running += count.count
                case .scheduled, .retrying: signal.delayed += count.count
                case .succeeded, .failed, .cancelled, .dead: continue
                }
                if count.isEstimated { signal.isEstimated = true }
            }
            let serving = workers.filter { $0.lanes.contains(lane) }
            signal.workers = serving.count
            signal.slots = serving.map(\.slots).reduce(0, +)
            signal.objectiveSeconds = objective[lane]
            signal.neededSlots = Double(signal.running) + signal.backlogSeconds / objective[lane]
            signal.suggestedWorkers = workersNeeded(for: signal.neededSlots)
            lanes.append(signal)
        }
        self.at = at
        self.lanes = lanes
        self.kinds = kinds
        self.workers = workers.count
        self.slots = slots
        slotsPerWorker = perWorker
        suggestedWorkers = workersNeeded(for: lanes.map(\.neededSlots).reduce(0, +))
        deadLetters = counts.filter { $0.state == .dead }.map(\.count).reduce(0, +)
    }
}

extension JobLedger {
    /// The fleet's signal as it stands.
    ///
    /// - Parameters:
    ///   - objective: Within how many seconds each lane's backlog is to be worked off.
    ///   - counts: The jobs as ``queueCounts(exactly:)`` found them; counted now when left out.
    ///   - defaultSlots: What one worker takes at once, for a fleet without any.
    /// - Returns: The signal, with ages by the server's clock.
    /// - Throws: Whatever the ledger says.
    package func fleetSignal(
        _ objective: FleetSignal.Objective,
        counts: [QueueCount]? = nil,
        defaultSlots: Int = 4
    ) async throws -> FleetSignal {
        let counts = if let counts { counts } else { try await queueCounts() }
        let rows = try await query("SELECT kind, mean_run_seconds FROM kind_cost", [])
        var costs: [String: Double] = [:]
        for row in rows { costs[try row.get(0)] = try row.get(1) }
        let workers = try await query(
            """
            SELECT lanes, slots::bigint FROM worker
            WHERE last_seen > now() - make_interval(secs => $1) AND NOT stopping AND orders = 'none'
            """,
            [.double(Self.leaseLength.inSeconds)]
        ).map { row in
            (lanes: try row.get(0, as: [String].self).compactMap(Lane.init), slots: Int(try row.get(1, as: Int64.self)))
        }
        return FleetSignal(
            at: try await now(),
            counts: counts,
            costs: costs,
            workers: workers,
            objective: objective,
            defaultSlots: defaultSlots
        )
    }

    /// The server's clock: ages are told by it, whoever asks.
    package func now() async throws -> Date {
        try await query("SELECT clock_timestamp()", [])[0].get(0)
    }

    /// Remembers what jobs of each kind cost, from what live workers report.
    ///
    /// A worker's mean counts by how many jobs stand behind it, at most twenty: beyond, its mean follows the latest anyway.
    package func rememberCosts() async throws {
        let rows = try await query(
            "SELECT run_seconds FROM worker WHERE run_seconds IS NOT NULL AND last_seen > now() - make_interval(secs => $1)",
            [.double(Self.leaseLength.inSeconds)]
        )
        var sums: [String: (seconds: Double, weight: Double)] = [:]
        for row in rows {
            for (kind, times) in RunTimes.read(try row.get(0)) where times.count > 0 && times.mean.isFinite {
                let weight = Double(min(times.count, 20))
                let sum = sums[kind] ?? (0, 0)
                sums[kind] = (sum.seconds + max(0, times.mean) * weight, sum.weight + weight)
            }
        }
        guard !sums.isEmpty else { return }
        let kinds = sums.keys.sorted()
        _ = try await query(
            """
            INSERT INTO kind_cost AS c (kind, mean_run_seconds)
            SELECT * FROM unnest($1::text[], $2::float8[]) ORDER BY 1
            ON CONFLICT (kind) DO UPDATE SET mean_run_seconds = excluded.mean_run_seconds, updated_at = now()
            """,
            [.texts(kinds), .doubles(kinds.map { kind in sums[kind].map { $0.seconds / $0.weight } })]
        )
    }
}
