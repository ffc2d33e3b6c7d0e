package import FoundationEssentials

/// Accepted against found, for one tenant and day.
package struct AuditLine: Sendable, Equatable {
    package let day: Date
    package let tenant: String
    package let accepted: Int
    package let counts: [JobState: Int]
    package let dropped: Int

    /// Jobs that have not ended.
    package var live: Int { counts.filter { !$0.key.isTerminal }.values.reduce(0, +) }
    /// Jobs whose ends are stored.
    package var ended: Int { counts.filter(\.key.isTerminal).values.reduce(0, +) }
    /// Jobs that are missing; negative: that are too many.
    ///
    /// Must be zero.
    package var difference: Int { accepted - live - ended - dropped }
}

/// What an audit found.
package struct AuditReport: Sendable, Equatable {
    package let at: Date
    package var seconds = 0.0
    /// Whether nothing was taken from memory.
    package let isComplete: Bool
    /// Newest day first, then by tenant.
    package let lines: [AuditLine]
    /// Ids that stand among the live and the ended jobs, up to a hundred; looked for where the counts differ, and
    /// everywhere in a complete audit.
    package let twice: [JobID]
    /// Hours whose ended jobs were counted now.
    package let hoursCounted: Int
    /// Hours whose count was remembered.
    package let hoursRemembered: Int

    package var accepted: Int { lines.map(\.accepted).reduce(0, +) }
    /// The sum of what differs, in either direction.
    package var difference: Int { lines.map { abs($0.difference) }.reduce(0, +) }
    package var isBalanced: Bool { difference == 0 && twice.isEmpty }

    /// For machines: totals, and every line.
    package var json: String { OperatorsJSON.encode(Document(self)) }

    private struct Document: Encodable {
        let at: String
        let seconds: Double
        let complete: Bool
        let balanced: Bool
        let accepted: Int
        let difference: Int
        let twice: [String]
        let lines: [LineDocument]

        init(_ report: AuditReport) {
            at = report.at.timestampText
            seconds = (report.seconds * 1000).rounded() / 1000
            complete = report.isComplete
            balanced = report.isBalanced
            accepted = report.accepted
            difference = report.difference
            twice = report.twice.map(\.description)
            lines = report.lines.map(LineDocument.init)
        }
    }

    private struct LineDocument: Encodable {
        let day: String
        let tenant: String
        let accepted: Int
        let live: Int
        let states: [String: Int]
        let dropped: Int
        let difference: Int

        init(_ line: AuditLine) {
            day = line.day.dayText
            tenant = line.tenant
            accepted = line.accepted
            live = line.live
            states = Dictionary(
                uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, line.counts[$0] ?? 0) }
            )
            dropped = line.dropped
            difference = line.difference
        }
    }
}

/// How the latest audit ended.
package struct AuditVerdict: Sendable, Equatable {
    package let at: Date
    package let seconds: Double
    package let accepted: Int
    package let difference: Int
    package let twice: Int
}
