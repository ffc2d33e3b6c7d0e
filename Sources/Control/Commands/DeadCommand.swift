import ArgumentParser
import FoundationEssentials
import Jobs

struct DeadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead",
        abstract: "Dead letters: groups them by error, runs them again, or gives them up.",
        discussion: """
            A job is dead when its attempts are used up, or when workers die with it. Its payload is kept until it is \
            redriven, discarded, or past retention.
            """,
        subcommands: [Groups.self, List.self, Redrive.self, Discard.self],
        defaultSubcommand: Groups.self
    )

    struct Groups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Counts dead letters by kind and error.",
            discussion: """
                Example: failed jobs as well, of the last day

                  cloudoptim dead groups --failed --since 24h
                """
        )

        @Flag(help: "Count jobs that ended as failed too.")
        var failed = false

        @OptionGroup var narrowing: FilterOptions

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                let groups = try await ledger.deadGroups(narrowing.filter, withFailed: failed)
                if output.json { return print(OperatorsJSON.text(groups)) }
                guard !groups.isEmpty else { return Terminal.write("no dead letters\n") }
                let now = try await ledger.now()
                var table = TextTable([
                    .init(heading: "jobs", isNumber: true), .init(heading: "kind"), .init(heading: "error"),
                    .init(heading: "first", isNumber: true), .init(heading: "last", isNumber: true),
                    .init(heading: "latest job"), .init(heading: "its message"),
                ])
                for group in groups {
                    table.add([
                        Age.number(group.count), group.kind, group.code,
                        Age.text(from: group.firstAt, to: now) + " ago",
                        Age.text(from: group.lastAt, to: now) + " ago", group.examples.first?.description ?? "",
                        group.message.shortened(to: 60),
                    ])
                }
                print(table.text)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists dead letters, the newest first.",
            discussion: """
                Example:

                  cloudoptim dead list --error poison
                """
        )

        @OptionGroup var narrowing: FilterOptions

        @Option(help: "How many at most.")
        var limit = 20

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run() async throws {
            try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                var filter = narrowing.filter
                filter.states = [.dead]
                let page = try await ledger.jobs(filter, limit: limit)
                if output.json { return print(OperatorsJSON.text(page.jobs)) }
                guard !page.jobs.isEmpty else { return Terminal.write("no dead letters\n") }
                print(JobTable(jobs: page.jobs, now: try await ledger.now()).text)
            }
        }
    }

    struct Redrive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs dead letters again under their ids, as if they were new.",
            discussion: """
                In batches of 500, oldest first. Status 1 when some could not run again, or none was found.

                Example: all that died of one error, once its cause is gone

                  cloudoptim dead redrive --error connection_refused
                """
        )

        @OptionGroup var choice: DeadChoice

        @OptionGroup var consent: ConsentOptions

        func run() async throws {
            let clean = try await choice.forEachBatch(consent, verb: "run again") { ledger, ids in
                let outcome = try await ledger.redrive(ids)
                for (id, reason) in outcome.refused.sorted(by: { $0.key.description < $1.key.description }) {
                    print("\(id)  \(reason.reason)")
                }
                return outcome.redriven.count
            } summary: {
                "queued again: \(Age.number($0))"
            }
            if !clean { throw ExitCode(1) }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives dead letters up: their payloads are deleted, and they can never run again.",
            discussion: """
                They stay dead for those who ask for them.

                Example:

                  cloudoptim dead discard --kind drill.noop --since 7d
                """
        )

        @OptionGroup var choice: DeadChoice

        @OptionGroup var consent: ConsentOptions

        func run() async throws {
            let clean = try await choice.forEachBatch(consent, verb: "be discarded for good") { ledger, ids in
                let gone = try await ledger.discard(ids)
                for id in ids where !gone.contains(id) { print("\(id)  is no dead letter") }
                return gone.count
            } summary: {
                "discarded: \(Age.number($0))"
            }
            if !clean { throw ExitCode(1) }
        }
    }
}

/// Which dead letters are meant: named ones, or all that a filter lets through.
struct DeadChoice: ParsableArguments {
    private static let batch = 500

    @Argument(help: "Ids; or none, and a filter.")
    var ids: [JobIDArgument] = []

    @OptionGroup var narrowing: FilterOptions

    @Flag(help: "Jobs that ended as failed, rather than dead ones.")
    var failed = false

    @Flag(help: "All there are.")
    var all = false

    func validate() throws {
        if ids.isEmpty, narrowing.filter.isEmpty, !all {
            throw ValidationError("name jobs, narrow them with --error, --kind and the like, or give --all")
        }
        if !ids.isEmpty, !narrowing.filter.isEmpty || all {
            throw ValidationError("name jobs or narrow them, not both")
        }
    }

    /// Asks, then goes through the chosen letters batch by batch.
    ///
    /// - Returns: Whether all that were chosen were done, and there were any.
    func forEachBatch(
        _ consent: ConsentOptions,
        verb: String,
        _ body: @Sendable (JobLedger, [JobID]) async throws -> Int,
        summary: @Sendable (Int) -> String
    ) async throws -> Bool {
        try await Stores.with { stores in
            let ledger = JobLedger(pool: stores.pool)
            guard ids.isEmpty else {
                if ids.count > 1 { try consent.require("\(ids.count) jobs will \(verb)") }
                let done = try await body(ledger, ids.map(\.id))
                print(summary(done))
                return done == ids.count
            }
            let state = failed ? JobState.failed : .dead
            let groups = try await ledger.deadGroups(narrowing.filter, withFailed: failed)
            let first = try await ledger.deadLetters(narrowing.filter, state: state, limit: Self.batch)
            guard !first.isEmpty else {
                Terminal.write("no \(state.rawValue) job matches\n")
                return false
            }
            let about = first.count < Self.batch ? "\(first.count)" : "about \(groups.map(\.count).reduce(0, +))"
            try consent.require("\(about) \(state.rawValue) jobs will \(verb)")
            var done = 0
            var seen = 0
            var batch = first
            while let last = batch.last {
                done += try await body(ledger, batch)
                seen += batch.count
                batch = try await ledger.deadLetters(narrowing.filter, state: state, after: last, limit: Self.batch)
            }
            print(summary(done))
            return done == seen
        }
    }
}
