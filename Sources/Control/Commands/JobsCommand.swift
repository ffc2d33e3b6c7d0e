import ArgumentParser
import FoundationEssentials
import Jobs

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Lists, shows, cancels, retries and follows jobs.",
        subcommands: [List.self, Show.self, Cancel.self, Retry.self, Tail.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        /// Pages that may bring nothing before a search is given back to the operator: a million jobs looked at.
        private static let mostPages = 20

        static let configuration = CommandConfiguration(
            abstract: "Lists jobs, live and ended ones, the newest first.",
            discussion: """
                Example: what failed today, and why

                  cloudoptim jobs list --state failed,dead --since 24h
                """
        )

        @Option(
            help:
                "Only these states, separated by commas: scheduled, queued, running, retrying, succeeded, failed, cancelled, dead."
        )
        var state: StateList?

        @OptionGroup var narrowing: FilterOptions

        @Option(help: "How many at most.")
        var limit = 20

        @Option(help: "Go on below this job: the last one of the list before.")
        var after: JobIDArgument?

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            var filter = narrowing.filter
            filter.states = state?.states ?? []
            try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                var jobs: [JobSummary] = []
                var next = after?.id
                var pages = 0
                repeat {
                    let page = try await ledger.jobs(filter, after: next, limit: min(500, limit - jobs.count))
                    jobs += page.jobs
                    next = page.next
                    pages += 1
                } while jobs.count < limit && next != nil && pages < Self.mostPages
                if output.json {
                    let place = next.map { "\"\($0)\"" } ?? "null"
                    return print("{\"jobs\":\(OperatorsJSON.text(jobs)),\"next\":\(place)}")
                }
                if !jobs.isEmpty { print(JobTable(jobs: jobs, now: try await ledger.now()).text) }
                if let next {
                    Terminal.write("more below: add --after \(next)\n")
                } else if jobs.isEmpty {
                    Terminal.write("no job matches\n")
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one job with all its attempts.",
            discussion: """
                Example:

                  cloudoptim jobs show 0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e
                """
        )

        @Argument(help: "The job's id.")
        var id: JobIDArgument

        @Flag(help: "Print the result alone: JSON, byte for byte.")
        var result = false

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                guard let job = try await ledger.summary(id.id, tenant: nil) else {
                    throw ControlError("there is no job \(id.id), or its retention time is over")
                }
                if result {
                    guard let text = try await ledger.job(id.id, tenant: nil)?.result else {
                        throw ControlError("the job is \(job.stateText) and has no result")
                    }
                    return print(text)
                }
                let attempts = try await ledger.attempts(of: job.id)
                if output.json {
                    return print("{\"job\":\(OperatorsJSON.text(job)),\"attempts\":\(OperatorsJSON.text(attempts))}")
                }
                let now = try await ledger.now()
                print(Self.describe(job, now))
                if !attempts.isEmpty { print("\n" + AttemptTable(attempts: attempts, now: now).text) }
            }
        }

        private static func describe(_ job: JobSummary, _ now: Date) -> String {
            var lines: [(String, String)] = [
                ("job", job.id.description), ("kind", "\(job.kind), lane \(job.lane.rawValue)"),
                ("tenant", job.tenant + (job.cluster.isEmpty ? "" : ", cluster \(job.cluster)")),
                ("state", "\(job.stateText), attempt \(job.attempt)"),
                ("accepted", "\(job.acceptedAt.timestampText) (\(Age.text(from: job.acceptedAt, to: now)) ago)"),
            ]
            if let runAt = job.runAt, runAt > now {
                lines.append(("runs", "\(runAt.timestampText) (in \(Age.text(from: now, to: runAt)))"))
            }
            if let deadline = job.deadline { lines.append(("deadline", deadline.timestampText)) }
            if let startedAt = job.startedAt { lines.append(("started", startedAt.timestampText)) }
            if let finishedAt = job.finishedAt {
                let waited = Age.text(from: job.acceptedAt, to: finishedAt)
                lines.append(("finished", "\(finishedAt.timestampText) (\(waited) after it was accepted)"))
            }
            if let progress = job.progress.flatMap(JobProgress.init(json:)) {
                let eta = progress.etaSeconds.map { ", \(Age.text($0)) to go" } ?? ""
                lines.append(
                    ("progress", "\(Int(progress.percent)) %\(progress.message.map { ", \($0)" } ?? "")\(eta)")
                )
            }
            if let children = job.children {
                lines.append(
                    ("children", "\(children.total), of which \(children.open) open and \(children.failed) failed")
                )
            }
            if let parent = job.parent { lines.append(("parent", parent.description)) }
            if job.crashCount > 0 { lines.append(("deaths", "\(job.crashCount) workers died with it")) }
            if let failure = job.failure {
                lines.append(("error", "\(failure.code): \(failure.message)"))
                if let hint = failure.hint { lines.append(("", hint)) }
            }
            return lines.map { "\($0.0.padding(to: 9)) \($0.1)" }.joined(separator: "\n")
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancels jobs and their children: waiting ones at once, running ones within two seconds.",
            discussion: """
                Status 1 when one of them could not be cancelled, because there is none or it has ended.

                Example:

                  cloudoptim jobs cancel 0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e
                """
        )

        @Argument(help: "The jobs' ids.")
        var ids: [JobIDArgument]

        func run() async throws {
            let failures = try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                var failures = 0
                var ended: [JobID] = []
                for id in ids.map(\.id) {
                    let cancelled = try await ledger.cancel(id, tenant: nil)
                    ended += cancelled.ended
                    let more = cancelled.ended.count + cancelled.told.count - 1
                    let children = more > 0 ? ", and \(more) of its children" : ""
                    if cancelled.ended.contains(id) {
                        print("\(id)  cancelled\(children)")
                    } else if cancelled.told.contains(id) {
                        print("\(id)  runs; its worker has been told to stop\(children)")
                    } else if let job = try await ledger.summary(id, tenant: nil), job.state.isTerminal {
                        print("\(id)  has already ended as \(job.state.rawValue)")
                        if job.state != .cancelled { failures += 1 }
                    } else {
                        print("\(id)  there is no such job")
                        failures += 1
                    }
                }
                // Whoever waits at an API hears of it at once; without Redis, soon.
                let news = ended
                if !news.isEmpty { try? await stores.withRedis { doorbell, _ in try await doorbell.announce(news) } }
                return failures
            }
            if failures > 0 { throw ExitCode(1) }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs dead or failed jobs again, under their ids.",
            discussion: """
                For many at once, by error or kind, see 'cloudoptim dead redrive'.

                Example:

                  cloudoptim jobs retry 0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e
                """
        )

        @Argument(help: "The jobs' ids.")
        var ids: [JobIDArgument]

        func run() async throws {
            let failures = try await Stores.with { stores in
                let outcome = try await JobLedger(pool: stores.pool).redrive(ids.map(\.id))
                for id in ids.map(\.id) {
                    print("\(id)  \(outcome.refused[id]?.reason ?? "queued again")")
                }
                return outcome.refused.count
            }
            if failures > 0 { throw ExitCode(1) }
        }
    }
}

/// States on the command line, separated by commas.
struct StateList: ExpressibleByArgument {
    let states: Set<JobState>

    init?(argument: String) {
        var states: Set<JobState> = []
        for word in argument.split(separator: ",") {
            guard let state = JobState(rawValue: String(word)) else { return nil }
            states.insert(state)
        }
        self.states = states
    }
}
