import ArgumentParser
import Jobs
import Observability
import Postgres
import ServiceLifecycle
import Settings

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudoptim-api",
        abstract: "Serves the HTTP API: accepts jobs, waits for answers, shows what is there.",
        discussion: """
            Stateless: run as many as the load asks for. Listens on ML_SERVER_PORT (8001) and FRONTEND_PORT (3001). \
            Options come from the environment (ML_SERVER_*, DB_*, REDIS_*, LOG_*) over the file that ML_CONFIG_FILE \
            names; docs/operations.md lists them.
            """,
        version: Version.current
    )

    func run() async throws {
        ProcessSetup.ignoreBrokenPipes()
        do {
            let settings = try await ServerSettings.ofProcess()
            let logger = ProcessSetup.bootstrapLogging(process: "api", settings.log)
            try await APIServer(settings: settings, logger: logger).run()
        } catch let error as SettingsError {
            ProcessSetup.fail(error.description)
        } catch let error as JobError {
            ProcessSetup.fail(error.description)
        } catch let error as PostgresError {
            ProcessSetup.fail("the ledger cannot be used: \(error)")
        } catch let error as CannotListen {
            ProcessSetup.fail(error.description)
        }
    }
}
