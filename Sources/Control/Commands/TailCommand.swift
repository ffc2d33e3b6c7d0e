import ArgumentParser
import FoundationEssentials
import Jobs
import Redis
import Settings

extension JobsCommand {
    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follows jobs as they are accepted and as they end, until Ctrl-C.",
            discussion: """
                Ends of jobs are heard from Redis; without it, only those of jobs that were accepted meanwhile are seen. \
                With --json, one object per line.

                Example: only what goes wrong

                  cloudoptim jobs tail --state failed,dead
                """
        )

        @Option(help: "Only jobs that are in one of these states when they are seen.")
        var state: StateList?

        @OptionGroup var narrowing: FilterOptions

        @Option(help: "End after this many lines; 0 goes on.")
        var limit = 0

        @OptionGroup var output: OutputOptions

        func run() async throws {
            var filter = narrowing.filter
            filter.states = state?.states ?? []
            let chosen = filter
            try await Stores.with { stores in
                let subscriber = RedisSubscriber(
                    configuration: try stores.settings.redis.configuration(process: "cloudoptim")
                )
                let keys = DoorbellKeys(namespace: stores.settings.redis.namespace)
                let follower = Follower(
                    ledger: JobLedger(pool: stores.pool),
                    filter: chosen,
                    json: output.json,
                    limit: limit
                )
                await withTaskGroup { group in
                    group.addTask { await follower.listen(to: subscriber, channel: keys.done) }
                    group.addTask { await follower.look() }
                    await group.next()
                    group.cancelAll()
                }
                await subscriber.shutdown()
            }
        }
    }
}

/// Remembers what it has told, and tells each acceptance and each end once.
private actor Follower {
    /// Ids are made a moment before their jobs are committed: a look goes back this far.
    private static let overlap: TimeInterval = 5
    private static let pause: Duration = .milliseconds(300)

    private let ledger: JobLedger
    private let filter: JobFilter
    private let json: Bool
    private let limit: Int
    private let start = Date()
    private var told = 0
    private var accepted: Set<JobID> = []
    private var open: Set<JobID> = []
    private var ended: Set<JobID> = []

    init(ledger: JobLedger, filter: JobFilter, json: Bool, limit: Int) {
        self.ledger = ledger
        self.filter = filter
        self.json = json
        self.limit = limit
    }

    /// Hears of ends; returns when the task is cancelled.
    func listen(to subscriber: RedisSubscriber, channel: String) async {
        for await event in subscriber.messages(channels: [channel]) {
            guard case .message(_, let payload) = event else { continue }
            await tell(endsOf: Doorbell.endedJobs(inAnnouncement: payload))
        }
    }

    /// Looks for new jobs, and for the ends of those it has seen; returns when enough was told.
    func look() async {
        var isFailing = false
        while !Task.isCancelled, limit == 0 || told < limit {
            do {
                var recent = filter
                recent.states = []
                recent.since = max(start, Date(timeIntervalSinceNow: -Self.overlap))
                for job in try await ledger.jobs(recent, limit: 1000).jobs.reversed()
                where accepted.insert(job.id).inserted {
                    if job.state.isTerminal {
                        if ended.insert(job.id).inserted { tell(job) }
                    } else {
                        open.insert(job.id)
                        tell(job)
                    }
                }
                await tell(endsOf: try await ledger.ended(among: Array(open.prefix(2000))).map(\.id))
                isFailing = false
            } catch {
                if !isFailing { Terminal.write("the ledger does not answer: \(error)\n") }
                isFailing = true
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    private func tell(endsOf ids: [JobID]) async {
        for id in ids where !ended.contains(id) {
            guard let job = try? await ledger.summary(id, tenant: nil), job.state.isTerminal,
                ended.insert(id).inserted
            else { continue }
            open.remove(id)
            if matches(job) { tell(job) }
        }
        // An evening's ends, not a year's.
        if ended.count > 100_000 { ended = [] }
        if accepted.count > 100_000 { accepted = open }
    }

    private func matches(_ job: JobSummary) -> Bool {
        (filter.tenant ?? job.tenant) == job.tenant && (filter.lane ?? job.lane) == job.lane
            && (filter.kind ?? job.kind) == job.kind && (filter.cluster ?? job.cluster) == job.cluster
            && (filter.parent == nil || filter.parent == job.parent)
            && (filter.errorCode == nil || filter.errorCode == job.failure?.code)
    }

    private func tell(_ job: JobSummary) {
        guard filter.states.isEmpty || filter.states.contains(job.state), limit == 0 || told < limit else { return }
        told += 1
        if json { return Terminal.line(OperatorsJSON.text(job)) }
        let moment = (job.finishedAt ?? job.acceptedAt).timestampText.dropFirst(11).prefix(12)
        let end = job.finishedAt.map { " after \(Age.text(from: job.acceptedAt, to: $0))" } ?? ""
        let error = job.failure.map { "  \($0.code): \($0.message)".shortened(to: 80) } ?? ""
        Terminal.line(
            "\(moment)  \(job.stateText.padding(to: 9))  \(job.id)  \(job.kind)  \(job.tenant.shortened(to: 24))\(end)\(error)"
        )
    }
}
