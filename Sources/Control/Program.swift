import ArgumentParser
import Jobs
import Observability
import Postgres
import Redis
import Settings

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudoptim",
        abstract: "The operators' tool of the CloudOptim ML Server.",
        discussion: """
            Works on the stores that DB_* (or DATABASE_URL) and REDIS_* (or REDIS_URL) name; `decide` talks to a running \
            API instead. Every command says what it did; a failure is one line and a status other than 0.
            """,
        version: Version.current,
        subcommands: [
            MigrateCommand.self, KeysCommand.self, PricingCommand.self, DecideCommand.self, JobsCommand.self,
            SchedulesCommand.self, DrillCommand.self, DoctorCommand.self,
        ]
    )

    static func main() async {
        ProcessSetup.ignoreBrokenPipes()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as SettingsError {
            ProcessSetup.fail(error.description)
        } catch let error as PostgresError {
            ProcessSetup.fail("the database: \(error)")
        } catch let error as RedisError {
            ProcessSetup.fail("redis: \(error)")
        } catch let error as JobError {
            ProcessSetup.fail(error.description)
        } catch let error as ControlError {
            ProcessSetup.fail(error.description)
        } catch {
            exit(withError: error)
        }
    }
}

/// A command that could not do its work: one line that says what to do.
struct ControlError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
