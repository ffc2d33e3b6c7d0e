import ArgumentParser
import FoundationEssentials
import Jobs

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Shows what waits and runs in each lane, and which orders are in force.",
        discussion: """
            Lanes of more than 100,000 jobs are sampled; their numbers carry a ~.

            Example: which kinds make the backlog

              cloudoptim queues --kinds
            """
    )

    @Flag(help: "Count by kind as well.")
    var kinds = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Stores.with { stores in
            let ledger = JobLedger(pool: stores.pool)
            let counts = try await ledger.queueCounts()
            let rules = try await ledger.rules()
            let now = try await ledger.now()
            if output.json {
                return print(
                    "{\"lanes\":\(OperatorsJSON.text(lanes: counts, at: now)),\"rules\":\(OperatorsJSON.text(rules))}"
                )
            }
            let workers = try await ledger.workers().filter { $0.isAlive && !$0.isStopping && $0.orders == .none }
            print(Self.lanes(counts, workers, now))
            if kinds, !counts.isEmpty { print("\n" + Self.kinds(counts)) }
            if !rules.isEmpty { print("\n" + Self.rules(rules)) }
        }
    }

    private static func lanes(_ counts: [QueueCount], _ workers: [WorkerRecord], _ now: Date) -> String {
        var table = TextTable(
            [.init(heading: "lane")]
                + ["queued", "held", "running", "scheduled", "retrying", "dead", "oldest", "workers"]
                .map { .init(heading: $0, isNumber: true) }
        )
        for lane in Lane.allCases {
            let ofLane = counts.filter { $0.lane == lane }
            func sum(_ state: JobState, held: Bool = false) -> String {
                let part = ofLane.filter { $0.state == state && $0.isHeld == held }
                return number(part.map(\.count).reduce(0, +), part.contains(where: \.isEstimated))
            }
            let oldest = ofLane.longestWait(at: now)
            table.add([
                lane.rawValue, sum(.queued), sum(.queued, held: true), sum(.running), sum(.scheduled), sum(.retrying),
                sum(.dead), oldest > 0 ? Age.text(oldest) : "", "\(workers.count { $0.lanes.contains(lane) })",
            ])
        }
        return table.text
    }

    private static func kinds(_ counts: [QueueCount]) -> String {
        var table = TextTable([
            .init(heading: "lane"), .init(heading: "kind"), .init(heading: "state"),
            .init(heading: "jobs", isNumber: true),
        ])
        let sorted = counts.sorted {
            ($0.lane, $0.kind, $0.state.rawValue, $0.isHeld ? 1 : 0)
                < ($1.lane, $1.kind, $1.state.rawValue, $1.isHeld ? 1 : 0)
        }
        for count in sorted {
            let state = count.isHeld ? "\(count.state.rawValue) (held)" : count.state.rawValue
            table.add([count.lane.rawValue, count.kind, state, number(count.count, count.isEstimated)])
        }
        return table.text
    }

    static func rules(_ rules: [QueueRule]) -> String {
        var table = TextTable([
            .init(heading: "order for"), .init(heading: "name"), .init(heading: "mode"),
            .init(heading: "at once", isNumber: true), .init(heading: "reason"),
        ])
        for rule in rules {
            table.add([
                rule.scope.rawValue, rule.name, rule.mode.rawValue, rule.maxRunning.map { "\($0)" } ?? "",
                rule.reason ?? "",
            ])
        }
        return table.text
    }

    /// What was sampled is a round number, and says so.
    private static func number(_ count: Int, _ isEstimated: Bool) -> String {
        guard isEstimated else { return Age.number(count) }
        var unit = 1
        while count / unit >= 1000 { unit *= 10 }
        return "~" + Age.number(count / unit * unit)
    }
}
