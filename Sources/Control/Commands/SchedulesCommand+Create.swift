import ArgumentParser
import Calendar
import Contract
import FoundationEssentials
import Jobs

extension SchedulesCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates a schedule and prints its id.",
            discussion: """
                It fires by one of --cron '30 2 * * *', --daily 02:30, --weekly 02:30 (with --weekday), on the wall of \
                --zone. Each fire makes exactly one job of --kind with --payload.
                """
        )

        @Argument(help: "Its name: printable, without blanks, unique within the tenant.")
        var name: String

        @Option(help: "Whose jobs it makes.")
        var tenant = "system"

        @Option(help: "Five fields (minute hour day-of-month month day-of-week) or a macro such as @daily.")
        var cron: String?

        @Option(help: "Each day at this time, HH:MM.")
        var daily: String?

        @Option(help: "Each week at this time, HH:MM.")
        var weekly: String?

        @Option(help: "The day of --weekly.")
        var weekday: String?

        @Option(help: "IANA time zone.")
        var zone = "UTC"

        @Option(help: "Kind of the jobs: \(JobKind.all.map(\.name).joined(separator: ", ")).")
        var kind: String

        @Option(help: "Payload of the jobs, JSON.")
        var payload = "{}"

        @Option(help: "For a time that clocks put forward leave out: skip, or shift_forward to the first one after.")
        var gap: String?

        @Option(help: "For a time that occurs twice: first, second or both.")
        var fold: String?

        @Option(help: "For fires missed in a downtime: skip, latest, all:N (the newest N) or within:SECONDS.")
        var catchUp = "latest"

        @Option(help: "While the job before has not ended: allow, skip or buffer_one.")
        var overlap = OverlapPolicy.allow.rawValue

        @Option(help: "Start each job up to so many seconds after its fire, 0 to 86400.")
        var jitter = 0

        @Option(help: "Pause after so many failed jobs in a row; 0 never does.")
        var pauseAfterFailures = 0

        func run() async throws {
            let new = try newSchedule()
            try await Stores.with { stores in
                try await ScheduleStore(pool: stores.pool).create(new)
                print(new.id.uuidString.lowercased())
            }
        }

        private func newSchedule() throws -> NewSchedule {
            guard let kind = JobKind.named(kind) else {
                throw ControlError(
                    "\(kind) is no kind of job; those are \(JobKind.all.map(\.name).joined(separator: ", "))",
                    status: 2
                )
            }
            guard (try? JSONParser.parse(Array(payload.utf8))) != nil else {
                throw ControlError("--payload is not JSON", status: 2)
            }
            var new = try NewSchedule(
                tenant: tenant,
                name: name,
                expression: try expression(),
                timeZone: zone,
                kind: kind,
                payload: payload
            )
            new.clockChanges = ClockChangePolicy(
                gap: try choice("--gap", gap) ?? new.clockChanges.gap,
                fold: try choice("--fold", fold) ?? new.clockChanges.fold
            )
            new.overlap = try choice("--overlap", overlap) ?? .allow
            new.catchUp = try catchUpPolicy()
            new.jitterSeconds = jitter
            new.pauseAfterFailures = pauseAfterFailures
            return new
        }

        private func expression() throws -> String {
            guard weekday == nil || weekly != nil else { throw ControlError("--weekday goes with --weekly", status: 2) }
            switch (cron, daily, weekly) {
            case (let cron?, nil, nil): return cron
            case (nil, let daily?, nil): return "daily \(daily)"
            case (nil, nil, let weekly?): return "weekly \(weekday.map { "\($0) " } ?? "")\(weekly)"
            default: throw ControlError("give one of --cron, --daily and --weekly", status: 2)
            }
        }

        private func choice<Value: RawRepresentable & CaseIterable>(_ option: String, _ word: String?) throws -> Value?
        where Value.RawValue == String {
            guard let word else { return nil }
            guard let value = Value(rawValue: word) else {
                throw ControlError(
                    "\(option) is one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))",
                    status: 2
                )
            }
            return value
        }

        private func catchUpPolicy() throws -> CatchUpPolicy {
            guard let policy = CatchUpPolicy(text: catchUp) else {
                throw ControlError("--catch-up is skip, latest, all:N or within:SECONDS", status: 2)
            }
            return policy
        }
    }
}
