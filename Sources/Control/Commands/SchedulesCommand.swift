import ArgumentParser
import Calendar
import Contract
import FoundationEssentials
import Jobs

struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules",
        abstract: "Shows and changes what fires by the calendar.",
        subcommands: [
            List.self, Show.self, Create.self, Preview.self, Run.self, Backfill.self, Pause.self, Resume.self,
            Delete.self,
        ]
    )

    /// What every command that concerns one schedule takes.
    struct Target: ParsableArguments {
        @Argument(help: "The schedule's name or id.")
        var schedule: String

        @Option(help: "Whose schedule it is, where several tenants use the name.")
        var tenant: String?

        func find(in store: ScheduleStore) async throws -> Schedule {
            if let id = UUID(uuidString: schedule) { return try await store.schedule(id) }
            let found = try await store.list(tenant: tenant).filter { $0.name == schedule }
            guard let first = found.first else {
                throw ControlError("there is no schedule \(schedule); `cloudoptim schedules list` shows them")
            }
            guard found.count == 1 else {
                throw ControlError(
                    "\(found.count) tenants have a schedule \(schedule); name one with --tenant",
                    status: 2
                )
            }
            return first
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the schedules.")

        @Option(help: "Only this tenant's.")
        var tenant: String?

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let schedules = try await ScheduleStore(pool: stores.pool).list(tenant: tenant)
                print(output.json ? ScheduleView.json(schedules) : ScheduleView.table(schedules))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one schedule and its latest fires.")

        @OptionGroup var target: Target

        @Option(help: "How many fires, 0 to 1000.")
        var fires = 10

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...1000).contains(fires) else { throw ValidationError("--fires must be 0 to 1000") }
        }

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let schedule = try await target.find(in: store)
                let latest = try await store.fires(of: schedule.id, limit: fires)
                print(output.json ? ScheduleView.json(schedule, latest) : ScheduleView.text(schedule, latest))
            }
        }
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the next fires of a schedule, or of an expression that is none yet."
        )

        @Argument(help: "The schedule's name or id, or an expression such as '30 2 * * *' (in quotes).")
        var schedule: String

        @Option(help: "Whose schedule it is, where several tenants use the name.")
        var tenant: String?

        @Option(help: "The time zone of an expression.")
        var zone = "UTC"

        @Option(help: "How many fires, 1 to 1000.")
        var count = 10

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1000).contains(count) else { throw ValidationError("--count must be 1 to 1000") }
        }

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let recurrence = try await recurrence(store)
                let fires = recurrence.preview(after: try await store.now(), count: count)
                print(output.json ? ScheduleView.json(fires, recurrence) : ScheduleView.table(fires, recurrence))
            }
        }

        private func recurrence(_ store: ScheduleStore) async throws -> Recurrence {
            // Names hold no blanks; every expression but the macros does.
            guard schedule.contains(" ") || schedule.hasPrefix("@") else {
                var target = Target()
                target.schedule = schedule
                target.tenant = tenant
                return try await target.find(in: store).recurrence(in: store.zones)
            }
            do {
                let recurrence = Recurrence(try CronExpression(schedule), zone: try store.zones.zone(zone))
                try recurrence.requireFire(after: try await store.now())
                return recurrence
            } catch let error as CalendarError {
                throw ControlError(error.message)
            }
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fires a schedule once, now, even while it is paused."
        )

        @OptionGroup var target: Target

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                print(try await store.runNow(try await target.find(in: store).id))
            }
        }
    }

    struct Backfill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the jobs of past fires that made none; ordering it twice changes nothing."
        )

        @OptionGroup var target: Target

        @Option(help: "The first moment, such as 2026-03-01T00:00:00Z.")
        var from: String

        @Option(help: "The last moment.")
        var to: String

        func run() async throws {
            guard let from = Timestamp(from), let end = Timestamp(to) else {
                throw ControlError("--from and --to are moments such as 2026-03-01T00:00:00Z", status: 2)
            }
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let jobs = try await store.backfill(
                    try await target.find(in: store).id,
                    from: Moment(seconds: from.milliseconds / 1000),
                    through: Moment(seconds: end.milliseconds / 1000)
                )
                for job in jobs { print(job) }
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops a schedule from firing; what comes due meanwhile is not made up for."
        )

        @OptionGroup var target: Target

        @Option(help: "Why, for whoever looks at it later.")
        var reason = "paused by an operator"

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let schedule = try await target.find(in: store)
                try await store.pause(schedule.id, reason: reason)
                print("paused \(schedule.name)")
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a paused schedule fire again.")

        @OptionGroup var target: Target

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let schedule = try await target.find(in: store)
                try await store.resume(schedule.id)
                print("resumed \(schedule.name)")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a schedule with the record of its fires; its jobs stay."
        )

        @OptionGroup var target: Target

        @OptionGroup var consent: ConsentOptions

        func run() async throws {
            try await Stores.with { stores in
                let store = ScheduleStore(pool: stores.pool)
                let schedule = try await target.find(in: store)
                try consent.require("This removes the schedule \(schedule.name) and the record of its fires")
                try await store.delete(schedule.id)
                print("deleted \(schedule.name)")
            }
        }
    }
}
