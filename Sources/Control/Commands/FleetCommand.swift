import ArgumentParser
import Jobs
import Settings

struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Shows the waiting work in worker-seconds, and how many workers would clear it in time.",
        discussion: """
            The same that autoscalers read at GET /api/v1/ml/fleet and as Prometheus metrics. The objectives are the \
            settings FLEET_CRITICAL_SECONDS, FLEET_INTERACTIVE_SECONDS, FLEET_BATCH_SECONDS and FLEET_BULK_SECONDS.

            Example: what would it take to clear batch within ten seconds?

              FLEET_BATCH_SECONDS=10 cloudoptim fleet
            """
    )

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Stores.with { stores in
            let wanted = stores.settings.queue.objective
            let signal = try await JobLedger(pool: stores.pool).fleetSignal(
                .init(
                    critical: Double(wanted.critical),
                    interactive: Double(wanted.interactive),
                    batch: Double(wanted.batch),
                    bulk: Double(wanted.bulk)
                )
            )
            if output.json { return print(signal.json) }
            print(Self.describe(signal))
        }
    }

    private static func describe(_ signal: FleetSignal) -> String {
        var table = TextTable(
            [.init(heading: "lane")]
                + [
                    "queued", "held", "running", "delayed", "oldest", "work", "clear in", "slots", "needed", "workers",
                    "suggested",
                ]
                .map { .init(heading: $0, isNumber: true) }
        )
        for lane in signal.lanes {
            let sign = lane.isEstimated ? "~" : ""
            table.add([
                lane.lane.rawValue, sign + Age.number(lane.queued), Age.number(lane.held), Age.number(lane.running),
                Age.number(lane.delayed), lane.oldestSeconds > 0 ? Age.text(lane.oldestSeconds) : "",
                lane.backlogSeconds > 0 ? sign + Age.text(lane.backlogSeconds) : "",
                "\(Int(lane.objectiveSeconds))s", "\(lane.slots)", "\(Int(lane.neededSlots.rounded(.up)))",
                "\(lane.workers)", "\(lane.suggestedWorkers)",
            ])
        }
        var lines = [
            table.text, "",
            "workers \(signal.workers) with \(signal.slots) slots; suggested \(signal.suggestedWorkers) of \(signal.slotsPerWorker) slots each",
        ]
        if signal.deadLetters > 0 {
            lines.append("dead letters \(Age.number(signal.deadLetters)); see 'cloudoptim dead groups'")
        }
        return lines.joined(separator: "\n")
    }
}
