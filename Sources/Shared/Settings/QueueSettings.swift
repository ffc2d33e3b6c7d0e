/// How long results are kept, and how fast each lane's backlog is to be worked off.
package struct QueueSettings: Sendable {
    /// Days, by the day of acceptance.
    package let retentionDays: Int
    /// What the suggested number of workers aims at: seconds to clear each lane's backlog.
    package let objective: LaneSeconds

    package struct LaneSeconds: Sendable, Equatable {
        package let critical: Int
        package let interactive: Int
        package let batch: Int
        package let bulk: Int

        package init(critical: Int, interactive: Int, batch: Int, bulk: Int) {
            self.critical = critical
            self.interactive = interactive
            self.batch = batch
            self.bulk = bulk
        }
    }

    init(_ reader: SettingsReader) throws(SettingsError) {
        // Ten years: beyond, nobody means it.
        retentionDays = try reader.integer("result.retention_days", default: 30, in: 1...3650)
        objective = LaneSeconds(
            critical: try reader.integer("fleet.critical_seconds", default: 1, in: 1...86_400),
            interactive: try reader.integer("fleet.interactive_seconds", default: 5, in: 1...86_400),
            batch: try reader.integer("fleet.batch_seconds", default: 60, in: 1...86_400),
            bulk: try reader.integer("fleet.bulk_seconds", default: 600, in: 1...86_400)
        )
    }
}
