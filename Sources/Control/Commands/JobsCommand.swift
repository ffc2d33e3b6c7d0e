import ArgumentParser
import Jobs

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Shows jobs.",
        subcommands: [Count.self, Show.self]
    )

    struct Count: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts jobs by lane and state: live ones all, ended ones since yesterday."
        )

        func run() async throws {
            try await Stores.with { stores in
                var table = TextTable([
                    .init(heading: "lane"), .init(heading: "state"), .init(heading: "jobs", isNumber: true),
                ])
                for row in try await JobLedger(pool: stores.pool).counts() {
                    table.add([row.lane.rawValue, row.state.rawValue, "\(row.count)"])
                }
                print(table.text)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one job.")

        @Argument(help: "The job's id.")
        var id: String

        func run() async throws {
            guard let id = JobID(id) else { throw ControlError("\(id) is not the shape of a job id") }
            try await Stores.with { stores in
                guard let job = try await JobLedger(pool: stores.pool).job(id, tenant: nil) else {
                    throw ControlError("there is no job \(id)")
                }
                print("job      \(job.id)")
                print("tenant   \(job.tenant)")
                print("kind     \(job.kind), lane \(job.lane.rawValue)")
                print("state    \(job.state.rawValue), attempt \(job.attempt)")
                if let failure = job.failure { print("error    \(failure.code): \(failure.message)") }
            }
        }
    }
}
