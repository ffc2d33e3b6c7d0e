import ArgumentParser
import FoundationEssentials
import Jobs
import Redis

struct DrillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Breaks something on purpose and shows that no job is lost and none ends twice.",
        discussion: """
            Sends canary jobs on the batch lane, under the tenant 'drill', and watches them alone. Workers and a scheduler \
            must be running. Status 1 when a canary did not end exactly once, or recovery took too long.
            """,
        subcommands: [Flush.self, KillWorker.self]
    )

    struct Flush: AsyncParsableCommand {
        /// The keeper looks at the generation every second, and unread work is read at once.
        private static let bound = 5.0

        static let configuration = CommandConfiguration(
            abstract: "Empties this fleet's part of Redis while canaries run.",
            discussion: """
                Removes the keys of REDIS_NAMESPACE only. Harmless: every waiting job is rung again. It asks all the same, \
                because for a second or two other jobs wait, too.

                Example:

                  cloudoptim drill flush --jobs 500 --yes
                """
        )

        @Option(help: "How many canaries.")
        var jobs = 400

        @Option(help: "Seconds each of them works.")
        var seconds = 0.1

        @Option(help: "Seconds to wait for their end.")
        var timeout = 120

        @OptionGroup var consent: ConsentOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (10...100_000).contains(jobs) else { throw ValidationError("--jobs must be 10 to 100000") }
            guard (0...10).contains(seconds) else { throw ValidationError("--seconds must be 0 to 10") }
        }

        func run() async throws {
            try consent.require("this fleet's keys in Redis will be removed")
            let verdict = try await Stores.with { stores in
                try await stores.withRedis { doorbell, redis in
                    let ledger = JobLedger(pool: stores.pool)
                    try await Drill.requireWorkers(ledger)
                    let canaries = try await Canaries.send(
                        jobs,
                        seconds: seconds,
                        lane: .batch,
                        senders: 50,
                        ledger: ledger,
                        doorbell: doorbell
                    )
                    let sent = try await ledger.now()
                    guard
                        try await canaries.wait(seconds: timeout, since: sent, until: { $0.succeeded * 20 >= jobs })
                            != nil
                    else { throw ControlError("no canary ended within \(timeout) seconds; are workers running?") }
                    var unlink = RedisCommand("UNLINK")
                    unlink.append(contentsOf: doorbell.keys.all)
                    let removed = try await redis.send(unlink)
                    let broken = try await ledger.now()
                    let waiting = try await ledger.canaries(canaries.ids, since: broken).live
                    guard waiting > 0 else {
                        throw ControlError(
                            "all canaries had ended before redis was emptied; try again with more --jobs"
                        )
                    }
                    let report = try await canaries.wait(seconds: timeout, since: broken) { $0.live == 0 }
                    let final = if let report { report } else { try await ledger.canaries(canaries.ids, since: broken) }
                    return DrillVerdict(
                        name: "flush",
                        jobs: jobs,
                        report: final,
                        recovery: (final.firstStart ?? (final.live == 0 ? broken : .distantFuture)).timeIntervalSince(
                            broken
                        ),
                        recoveryBound: Self.bound,
                        total: (final.lastEnd ?? broken).timeIntervalSince(broken),
                        remark:
                            "redis was emptied (\(removed.int ?? 0) keys of this fleet) with \(waiting) canaries to go"
                    )
                }
            }
            print(output.json ? verdict.json : verdict.text)
            if !verdict.passed { throw ExitCode(1) }
        }
    }
}
