import ArgumentParser
import Jobs

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Counts every accepted job against what there is of it: nothing lost, nothing twice.",
        discussion: """
            Per tenant and day of acceptance: accepted = waiting + running + ended + dropped by retention. Status 1 when \
            anything differs. Hours that are over are remembered and counted again when something in them changed; --all \
            counts everything afresh and looks for ids that stand in both tables.

            Example: in a nightly check

              cloudoptim audit --all || page-somebody
            """
    )

    /// More lines tell a person nothing; machines get all.
    private static let mostLines = 40

    @Flag(help: "Count everything afresh; reads the whole ledger.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let balanced = try await Stores.with { stores in
            let report = try await JobLedger(pool: stores.pool).audit(all: all)
            print(output.json ? report.json : Self.describe(report))
            return report.isBalanced
        }
        if !balanced { throw ExitCode(1) }
    }

    private static func describe(_ report: AuditReport) -> String {
        var table = TextTable(
            [.init(heading: "day"), .init(heading: "tenant")]
                + [
                    "accepted", "waiting", "running", "succeeded", "failed", "cancelled", "dead", "dropped",
                    "difference",
                ]
                .map { .init(heading: $0, isNumber: true) }
        )
        let differing = report.lines.filter { $0.difference != 0 }
        let shown = differing + report.lines.filter { $0.difference == 0 }.prefix(max(0, mostLines - differing.count))
        for line in shown {
            func count(_ state: JobState) -> Int { line.counts[state] ?? 0 }
            let waiting = count(.scheduled) + count(.queued) + count(.retrying)
            table.add(
                [line.day.timestampText.prefix(10).description, line.tenant.shortened(to: 30)]
                    + [
                        line.accepted, waiting, count(.running), count(.succeeded), count(.failed), count(.cancelled),
                        count(.dead), line.dropped, line.difference,
                    ].map(Age.number)
            )
        }
        var lines = shown.isEmpty ? [] : [table.text, ""]
        if report.lines.count > shown.count {
            lines.append("and \(Age.number(report.lines.count - shown.count)) more days of tenants, which balance")
        }
        for id in report.twice { lines.append("in both tables: \(id)") }
        let scope = "\(Age.number(report.accepted)) accepted jobs, counted in \(Age.text(report.seconds))"
        lines.append(
            report.isBalanced
                ? "balanced: \(scope)" : "NOT BALANCED: \(Age.number(report.difference)) of \(scope) differ"
        )
        return lines.joined(separator: "\n")
    }
}
