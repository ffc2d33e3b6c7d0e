import ArgumentParser
import FoundationEssentials
import Jobs
import Logging
import Observability
import Postgres
import ServiceLifecycle
import Settings
import UnixSignals

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudoptim-worker",
        abstract: "Executes jobs: reads the lanes, claims, runs, writes results.",
        discussion: """
            Run as many as the load asks for, on as many machines as there are. Options come from the environment (DB_*, \
            REDIS_*, LOG_*) over the file that ML_CONFIG_FILE names; docs/operations.md lists them.

            SIGTERM and SIGINT stop it within two seconds: unfinished jobs go back to the queue without losing an attempt.
            """,
        version: Version.current
    )

    @Option(help: "Jobs worked on at once. Short jobs are fetched ahead beyond this.")
    var concurrency = 2 * max(2, HostInfo.cores)

    @Option(help: "Lanes to read, separated by commas: critical, interactive, batch, bulk.")
    var lanes = "critical,interactive,batch,bulk"

    @Option(help: "Kinds of jobs to take, separated by commas; all this build knows when left out.")
    var kinds: String?

    @Flag(help: .hidden)
    var isolated = false

    func validate() throws {
        guard (1...1024).contains(concurrency) else { throw ValidationError("--concurrency must be 1 to 1024") }
        _ = try chosenLanes()
        _ = try chosenKinds()
    }

    func run() async throws {
        ProcessSetup.ignoreBrokenPipes()
        do {
            if isolated { await IsolatedProgram.run() }
            try await serve()
        } catch let error as StuckHandler {
            // A thread of this process still runs what cannot be stopped: no orderly end would wait for it.
            ProcessSetup.fail(error.description)
        } catch let error as SettingsError {
            ProcessSetup.fail(error.description)
        } catch let error as JobError {
            ProcessSetup.fail(error.description)
        } catch let error as PostgresError {
            ProcessSetup.fail("the ledger cannot be used: \(error)")
        }
    }

    private func serve() async throws {
        let settings = try await ServerSettings.ofProcess()
        let logger = ProcessSetup.bootstrapLogging(process: "worker", settings.log)
        let worker = WorkerDescription(
            id: UUID(),
            host: HostInfo.name,
            processID: HostInfo.processID,
            version: Version.current,
            lanes: try chosenLanes(),
            kinds: try chosenKinds(),
            slots: concurrency
        )
        let service = try await WorkerService(worker: worker, settings: settings, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    private func chosenLanes() throws -> [Lane] {
        try lanes.split(separator: ",").map { name in
            guard let lane = Lane(rawValue: String(name)) else {
                throw ValidationError("\(name) is no lane; lanes are critical, interactive, batch, bulk")
            }
            return lane
        }.sorted()
    }

    private func chosenKinds() throws -> [JobKind] {
        guard let kinds else { return JobKind.all }
        return try kinds.split(separator: ",").map { name in
            guard let kind = JobKind.named(String(name)) else {
                throw ValidationError(
                    "\(name) is no kind; kinds are \(JobKind.all.map(\.name).joined(separator: ", "))"
                )
            }
            return kind
        }
    }
}
