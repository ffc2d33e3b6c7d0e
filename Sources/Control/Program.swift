import ArgumentParser
import Jobs
import Observability
import Postgres
import Redis
import Settings

#if canImport(Glibc)
    import Glibc
#endif

@main
struct Program: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cloudoptim",
        abstract: "The operators' tool of the CloudOptim ML Server.",
        discussion: """
            Works on the stores that DB_* (or DATABASE_URL) and REDIS_* (or REDIS_URL) name; `decide` talks to a running \
            API instead. Every command that reads has --json for machines.

            Status 0: done, and all is well. 1: a problem was found, or what was asked for is not there. 2: the command \
            line is wrong, or --yes is missing.

            Tab completion: cloudoptim --generate-completion-script bash (or zsh, fish), sourced by your shell.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Job",
                subcommands: [JobsCommand.self, DeadCommand.self, DecideCommand.self]
            ),
            CommandGroup(
                name: "Queue and worker",
                subcommands: [
                    QueuesCommand.self, WorkersCommand.self, SchedulesCommand.self, PauseCommand.self,
                    ResumeCommand.self, DrainCommand.self,
                    LimitCommand.self, FleetCommand.self,
                ]
            ),
            CommandGroup(
                name: "Model",
                subcommands: [ModelsCommand.self]
            ),
            CommandGroup(
                name: "Proof",
                subcommands: [AuditCommand.self, DrillCommand.self, BenchCommand.self, DoctorCommand.self]
            ),
            CommandGroup(
                name: "Set-up",
                subcommands: [MigrateCommand.self, KeysCommand.self]
            ),
            CommandGroup(
                name: "Price",
                subcommands: [PricingCommand.self, GapsCommand.self]
            ),
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
        } catch let error as ControlError {
            Terminal.write("error: \(error)\n")
            Glibc.exit(error.status)
        } catch let error as SettingsError {
            ProcessSetup.fail(error.description)
        } catch let error as PostgresError {
            ProcessSetup.fail("the database: \(error)")
        } catch let error as RedisError {
            ProcessSetup.fail("redis: \(error)")
        } catch let error as JobError {
            ProcessSetup.fail(error.description)
        } catch {
            // A wrong command line is 2, as with other tools; ArgumentParser's own status would be 64.
            guard Self.exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Terminal.write(fullMessage(for: error) + "\n")
            Glibc.exit(2)
        }
    }
}

/// A command that could not do its work: one line that says what to do.
struct ControlError: Error, CustomStringConvertible {
    let description: String
    /// The process's status.
    let status: Int32

    init(_ description: String, status: Int32 = 1) {
        self.description = description
        self.status = status
    }
}
