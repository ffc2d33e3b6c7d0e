import ArgumentParser
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
        commandName: "cloudoptim-scheduler",
        abstract: "Keeps the queue moving: rings, reaps dead leases, fires schedules.",
        discussion: """
            Any number may run at once: each step is safe to race. Without any, accepted jobs still run, but jobs of dead \
            workers wait, and prices grow old. Options come from the environment (DB_*, REDIS_*, SPOT_ADVISOR_*, LOG_*) \
            over the file that ML_CONFIG_FILE names; docs/operations.md lists them.
            """,
        version: Version.current
    )

    func run() async throws {
        ProcessSetup.ignoreBrokenPipes()
        do {
            let settings = try await ServerSettings.ofProcess()
            let logger = ProcessSetup.bootstrapLogging(process: "scheduler", settings.log)
            let scheduler = try await SchedulerAssembly(settings: settings, logger: logger)
            let group = ServiceGroup(
                configuration: .init(
                    services: scheduler.loops.map { .init(service: $0) },
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: logger
                )
            )
            logger.notice("scheduler is ready")
            try await group.run()
            await scheduler.shutdown()
            logger.notice("scheduler has stopped")
        } catch let error as SettingsError {
            ProcessSetup.fail(error.description)
        } catch let error as JobError {
            ProcessSetup.fail(error.description)
        } catch let error as PostgresError {
            ProcessSetup.fail("the ledger cannot be used: \(error)")
        }
    }
}
