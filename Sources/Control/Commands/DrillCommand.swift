import ArgumentParser
import Jobs
import Logging
import Redis

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Sends jobs that do nothing and waits until all have ended: proves that a lane moves, and how fast.",
        discussion: "Prints one JSON line: jobs, seconds until all were accepted, seconds until all had ended, rates."
    )

    @Option(help: "How many jobs.")
    var jobs = 1000

    @Option(help: "The lane: critical, interactive, batch, bulk.")
    var lane = "batch"

    @Option(help: "Senders at once.")
    var senders = 200

    @Option(help: "Seconds to wait for the end.")
    var timeout = 120

    func validate() throws {
        guard Lane(rawValue: lane) != nil else { throw ValidationError("\(lane) is no lane") }
        guard (1...1_000_000).contains(jobs) else { throw ValidationError("--jobs must be 1 to 1000000") }
        guard (1...5000).contains(senders) else { throw ValidationError("--senders must be 1 to 5000") }
    }

    func run() async throws {
        guard let lane = Lane(rawValue: lane) else { return }
        try await Stores.with { stores in
            try await stores.withRedis { doorbell, _ in
                let ledger = JobLedger(pool: stores.pool)
                let intake = JobIntake(ledger: ledger, doorbell: doorbell, logger: Logger(label: "drill"))
                let start = ContinuousClock.now
                let ids = try await send(to: intake, lane: lane)
                let accepted = ContinuousClock.now - start
                try await waitForAll(ids, ledger: ledger)
                let ended = ContinuousClock.now - start
                print(
                    """
                    {"jobs":\(ids.count),"accepted_seconds":\(accepted.rounded),"ended_seconds":\(ended.rounded),\
                    "accepted_per_second":\(Int(Double(ids.count) / accepted.seconds)),\
                    "ended_per_second":\(Int(Double(ids.count) / ended.seconds))}
                    """
                )
            }
        }
    }

    private func send(to intake: JobIntake, lane: Lane) async throws -> [JobID] {
        let share = (jobs + senders - 1) / senders
        return try await withThrowingTaskGroup { group in
            for sender in 0..<senders {
                let count = min(share, jobs - sender * share)
                guard count > 0 else { break }
                group.addTask {
                    var ids: [JobID] = []
                    for _ in 0..<count {
                        let job = NewJob(tenant: "drill", kind: .drill, payload: #"{"drill":true}"#, lane: lane)
                        ids.append(try await intake.accept(job).id)
                    }
                    return ids
                }
            }
            var all: [JobID] = []
            for try await ids in group { all += ids }
            return all
        }
    }

    private func waitForAll(_ ids: [JobID], ledger: JobLedger) async throws {
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
            if ended.count < asked.count { try await Task.sleep(for: .milliseconds(20)) }
        }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// To the millisecond.
    fileprivate var rounded: Double { (seconds * 1000).rounded() / 1000 }
}
