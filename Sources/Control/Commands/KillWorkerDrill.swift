import ArgumentParser
import FoundationEssentials
import Jobs
import Observability

#if canImport(Glibc)
    import Glibc
#endif

extension DrillCommand {
    struct KillWorker: AsyncParsableCommand {
        /// A lease of nine seconds, and what finding and ringing takes.
        private static let bound = 15.0

        static let configuration = CommandConfiguration(
            abstract: "Ends a local worker with kill -9 while it runs canaries.",
            discussion: """
                Without --pid it starts a worker of its own for that, and another one to go on when none is there. With \
                --pid it is your worker that dies: what it ran, others run again; nothing is lost.

                Example:

                  cloudoptim drill kill-worker
                """
        )

        @Option(help: "The worker to kill, on this machine; one of the drill's own when left out.")
        var pid: Int32?

        @Option(help: "How many canaries.")
        var jobs = 40

        @Option(help: "Seconds each of them works.")
        var seconds = 0.5

        @Option(help: "Seconds to wait for their end.")
        var timeout = 120

        @OptionGroup var consent: ConsentOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (4...10_000).contains(jobs) else { throw ValidationError("--jobs must be 4 to 10000") }
            guard (0.1...30).contains(seconds) else { throw ValidationError("--seconds must be 0.1 to 30") }
        }

        func run() async throws {
            if let pid { try consent.require("the worker with pid \(pid) will be killed") }
            let verdict = try await Stores.with { stores in
                try await stores.withRedis { doorbell, _ in
                    try await drill(JobLedger(pool: stores.pool), doorbell)
                }
            }
            print(output.json ? verdict.json : verdict.text)
            if !verdict.passed { throw ExitCode(1) }
        }

        private func drill(_ ledger: JobLedger, _ doorbell: Doorbell) async throws -> DrillVerdict {
            var own: [LocalProcess] = []
            defer { for process in own { process.stop() } }
            let victim: WorkerRecord
            if let pid {
                let local = try await ledger.workers().first {
                    $0.isAlive && $0.host == HostInfo.name && $0.processID == pid
                }
                guard let local else {
                    throw ControlError(
                        "pid \(pid) is no worker of this fleet on this machine; 'cloudoptim workers list' shows them"
                    )
                }
                victim = local
            } else {
                own.append(try LocalProcess.worker())
                victim = try await Drill.registered(own[0], ledger)
            }
            let others = try await ledger.workers().contains { worker in
                worker.isAlive && !worker.isStopping && worker.orders == .none && worker.id != victim.id
                    && worker.lanes.contains(.batch)
            }
            if !others {
                let helper = try LocalProcess.worker()
                own.append(helper)
                _ = try await Drill.registered(helper, ledger)
            }
            let canaries = try await Canaries.send(
                jobs,
                seconds: seconds,
                lane: .batch,
                senders: 20,
                ledger: ledger,
                doorbell: doorbell
            )
            let sent = try await ledger.now()
            guard
                let before = try await canaries.wait(
                    seconds: timeout,
                    worker: victim.id,
                    since: sent,
                    until: { $0.held > 0 }
                )
            else { throw ControlError("the worker took no canary within \(timeout) seconds; nothing was killed") }
            guard kill(victim.processID, SIGKILL) == 0 else {
                throw ControlError("pid \(victim.processID) cannot be killed by this user")
            }
            let broken = try await ledger.now()
            let report = try await canaries.wait(seconds: timeout, since: broken) { $0.live == 0 }
            let final = if let report { report } else { try await ledger.canaries(canaries.ids, since: broken) }
            let restart = final.lastRestart ?? (final.live == 0 ? broken : .distantFuture)
            return DrillVerdict(
                name: "kill-worker",
                jobs: jobs,
                report: final,
                recovery: max(0, restart.timeIntervalSince(broken)),
                recoveryBound: Self.bound,
                total: (final.lastEnd ?? broken).timeIntervalSince(broken),
                remark:
                    "worker \(victim.shortID) (pid \(victim.processID)) was killed with \(before.held) canaries in its hands"
            )
        }
    }
}
