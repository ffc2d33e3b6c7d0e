/// What a job does, and how it is treated.
///
/// The name is stored with the job and must never change its meaning.
package struct JobKind: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let lane: Lane
    package let retryPolicy: RetryPolicy
    /// The newest form of the payload this build writes and reads; it reads all older ones.
    ///
    /// A worker claims only the versions it knows, so that builds of two ages work side by side.
    package let payloadVersion: Int
    /// The longest an attempt may run, whatever its handler thinks.
    package let timeLimit: Duration
    /// Seconds an attempt is taken to run until workers have measured it.
    package let expectedSeconds: Double

    package init(
        name: String,
        lane: Lane,
        retryPolicy: RetryPolicy,
        payloadVersion: Int = 1,
        timeLimit: Duration = .seconds(300),
        expectedSeconds: Double = 1
    ) {
        self.name = name
        self.lane = lane
        self.retryPolicy = retryPolicy
        self.payloadVersion = payloadVersion
        self.timeLimit = timeLimit
        self.expectedSeconds = expectedSeconds
    }

    package var description: String { name }

    /// What a worker that has this kind can run, as the ledger compares it: `name:version`.
    package var capabilities: [String] { (1...payloadVersion).map { "\(name):\($0)" } }

    package static func == (left: JobKind, right: JobKind) -> Bool { left.name == right.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    // The kinds of the eight decision engines: `decision.` and the type of the decision.
    package static let spotOptimize = decision("spot_optimize", seconds: 0.01)
    package static let binPack = decision("bin_pack", seconds: 0.5)
    package static let rightsize = decision("rightsize", seconds: 0.1)
    package static let schedule = decision("schedule", seconds: 0.01)
    package static let ghostProbe = decision("ghost_probe", seconds: 0.05)
    package static let volumeCleanup = decision("volume_cleanup", seconds: 0.05)
    package static let networkOptimize = decision("network_optimize", seconds: 0.5)
    package static let oomkilledRemediate = decision("oomkilled_remediate", seconds: 0.05)

    /// Makes a logged decision again and compares.
    package static let decisionReplay = JobKind(
        name: "replay.decision",
        lane: .interactive,
        retryPolicy: .decision,
        timeLimit: .seconds(60),
        expectedSeconds: 0.2
    )

    /// Runs an uploaded engine on its sample.
    package static let engineTest = JobKind(
        name: "test.engine",
        lane: .interactive,
        retryPolicy: .decision,
        timeLimit: .seconds(60),
        expectedSeconds: 0.1
    )

    private static func decision(_ type: String, seconds: Double) -> JobKind {
        JobKind(
            name: "decision.\(type)",
            lane: .interactive,
            retryPolicy: .decision,
            timeLimit: .seconds(60),
            expectedSeconds: seconds
        )
    }

    /// Fetches one of the public AWS price sources into the store.
    package static let pricingFetch = JobKind(
        name: "pricing.fetch",
        lane: .batch,
        retryPolicy: .external,
        timeLimit: .seconds(3600),
        expectedSeconds: 10
    )
    /// Completes a stretch of the spot price history: finds what is missing, and has it fetched in windows.
    package static let spotHistory = JobKind(
        name: "pricing.spot_history",
        lane: .batch,
        retryPolicy: .external,
        timeLimit: .seconds(300),
        expectedSeconds: 1
    )
    /// Fetches one window of it.
    package static let spotWindow = JobKind(
        name: "pricing.spot_window",
        lane: .batch,
        retryPolicy: .external,
        timeLimit: .seconds(3600),
        expectedSeconds: 5
    )
    /// Turns an uploaded model into the form that is loaded, or refuses it.
    package static let modelImport = JobKind(
        name: "import.model",
        lane: .interactive,
        retryPolicy: .external,
        timeLimit: .seconds(180),
        expectedSeconds: 2
    )

    /// Makes the prices complete that models look back over.
    package static let modelRefresh = JobKind(
        name: "refresh.model",
        lane: .batch,
        retryPolicy: .external,
        timeLimit: .seconds(300),
        expectedSeconds: 1
    )

    /// Drops what is past its time: results, attempts, inputs of decisions.
    package static let retention = upkeep("upkeep.retention")
    /// Makes the partitions of the days to come.
    package static let partitions = upkeep("upkeep.partitions")

    private static func upkeep(_ name: String) -> JobKind {
        JobKind(name: name, lane: .batch, retryPolicy: .external, timeLimit: .seconds(1800), expectedSeconds: 1)
    }

    /// Does nothing, durably: what benchmarks and drills measure.
    package static let drill = JobKind(
        name: "drill.noop",
        lane: .batch,
        retryPolicy: .decision,
        timeLimit: .seconds(30),
        expectedSeconds: 0.001
    )

    package static let decisions: [JobKind] = [
        .spotOptimize, .binPack, .rightsize, .schedule, .ghostProbe, .volumeCleanup, .networkOptimize,
        .oomkilledRemediate,
    ]
    package static let all: [JobKind] =
        decisions + [
            .decisionReplay, .engineTest, .pricingFetch, .spotHistory, .spotWindow, .modelImport, .modelRefresh,
            .retention, .partitions, .drill,
        ]

    /// The kind of this name, when this build knows it.
    package static func named(_ name: String) -> JobKind? {
        all.first { $0.name == name }
    }
}
