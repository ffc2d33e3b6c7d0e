import ArgumentParser
import FoundationEssentials
import Jobs

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures the running fleet with jobs that do nothing: how many a second, and how long one takes.",
        discussion: """
            First all jobs at once: accepted and ended per second. Then one after the other: from acceptance to the stored \
            result, by the ledger's clock. Other work on the lane shows in the figures.

            Example:

              cloudoptim bench --jobs 5000
            """
    )

    @Option(help: "How many jobs at once.")
    var jobs = 2000

    @Option(help: "The lane: critical, interactive, batch, bulk.")
    var lane = Lane.batch

    @Option(help: "Senders at once.")
    var senders = 200

    @Option(help: "How many jobs one after the other; 0 leaves that part out.")
    var single = 100

    @Option(help: "Seconds to wait for the end.")
    var timeout = 120

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1_000_000).contains(jobs) else { throw ValidationError("--jobs must be 1 to 1000000") }
        guard (1...5000).contains(senders) else { throw ValidationError("--senders must be 1 to 5000") }
        guard (0...10_000).contains(single) else { throw ValidationError("--single must be 0 to 10000") }
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout must be 1 to 3600") }
    }

    func run() async throws {
        try await Stores.with { stores in
            try await stores.withRedis { doorbell, _ in
                let ledger = JobLedger(pool: stores.pool)
                let start = ContinuousClock.now
                let canaries = try await Canaries.send(
                    jobs,
                    seconds: 0,
                    lane: lane,
                    senders: senders,
                    ledger: ledger,
                    doorbell: doorbell
                )
                let accepted = (ContinuousClock.now - start).seconds
                try await waitForAll(canaries.ids, ledger)
                let ended = (ContinuousClock.now - start).seconds
                let latencies = try await latencies(ledger, doorbell)
                let figures = Figures(jobs: jobs, accepted: accepted, ended: ended, latencies: latencies.sorted())
                print(output.json ? figures.json : figures.text)
            }
        }
    }

    /// One job at a time, each as long as the ledger says it took.
    private func latencies(_ ledger: JobLedger, _ doorbell: Doorbell) async throws -> [Double] {
        var milliseconds: [Double] = []
        for _ in 0..<single {
            let one = try await Canaries.send(1, seconds: 0, lane: lane, senders: 1, ledger: ledger, doorbell: doorbell)
            try await waitForAll(one.ids, ledger)
            for record in try await ledger.ended(among: one.ids) {
                milliseconds.append(
                    (record.finishedAt ?? record.acceptedAt).timeIntervalSince(record.acceptedAt) * 1000
                )
            }
        }
        return milliseconds
    }

    private func waitForAll(_ ids: [JobID], _ ledger: JobLedger) async throws {
        let deadline = ContinuousClock.now + .seconds(timeout)
        var left = ids[...]
        while !left.isEmpty {
            // Jobs end roughly in order: ask about the oldest that are still open. Few at a time: asking about thousands
            // over and over would measure the asking.
            let asked = Array(left.prefix(500))
            let ended = Set(try await ledger.ended(among: asked).map(\.id))
            left = ArraySlice(asked.filter { !ended.contains($0) }) + left.dropFirst(asked.count)
            if ended.isEmpty {
                guard ContinuousClock.now < deadline else {
                    throw ControlError(
                        "\(left.count) of \(ids.count) jobs have not ended after \(timeout) seconds; are workers running?"
                    )
                }
            }
            if ended.count < asked.count { try await Task.sleep(for: .milliseconds(ids.count == 1 ? 2 : 20)) }
        }
    }

    private struct Figures {
        let jobs: Int
        let accepted: Double
        let ended: Double
        /// Milliseconds, in rising order.
        let latencies: [Double]

        private func percentile(_ share: Double) -> Double {
            guard !latencies.isEmpty else { return 0 }
            let index = min(latencies.count - 1, Int((Double(latencies.count) * share).rounded(.down)))
            return (latencies[index] * 10).rounded() / 10
        }

        var json: String {
            func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
            return """
                {"jobs":\(jobs),"accepted_seconds":\(rounded(accepted)),"ended_seconds":\(rounded(ended)),\
                "accepted_per_second":\(Int(Double(jobs) / accepted)),"ended_per_second":\(Int(Double(jobs) / ended)),\
                "single_jobs":\(latencies.count),"p50_ms":\(percentile(0.5)),"p95_ms":\(percentile(0.95)),\
                "p99_ms":\(percentile(0.99))}
                """
        }

        var text: String {
            var table = TextTable([
                .init(heading: "what"), .init(heading: "jobs", isNumber: true), .init(heading: "took", isNumber: true),
                .init(heading: "per second", isNumber: true),
            ])
            table.add(["accepted", Age.number(jobs), Age.text(accepted), Age.number(Int(Double(jobs) / accepted))])
            table.add(["ended", Age.number(jobs), Age.text(ended), Age.number(Int(Double(jobs) / ended))])
            guard !latencies.isEmpty else { return table.text }
            return table.text + """


                one at a time (\(latencies.count) jobs), from acceptance to stored result:
                p50 \(percentile(0.5)) ms, p95 \(percentile(0.95)) ms, p99 \(percentile(0.99)) ms
                """
        }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
