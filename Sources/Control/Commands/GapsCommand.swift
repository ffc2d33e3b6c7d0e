import ArgumentParser
import Contract
import FoundationEssentials
import Jobs
import Logging
import Pricing
import Settings

struct GapsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gaps",
        abstract: "Finds what is missing of the spot price history, and fills it.",
        discussion: """
            A gap is a stretch of time that no fetch has covered; a price that stands still is none. AWS keeps 90 days: \
            what is older cannot be filled any more, and is named.
            """,
        subcommands: [AnalyzeGaps.self, FillGaps.self, WatchGap.self]
    )
}

/// Which part of the history is meant.
struct HistoryOptions: ParsableArguments {
    @Option(parsing: .upToNextOption, help: "Regions, such as us-east-1 eu-west-1, or all; AWS_REGION when left out.")
    var region: [String] = []

    @Option(parsing: .upToNextOption, help: "Instance types or patterns, such as m5.large 'c6i.*'; all when left out.")
    var type: [String] = []

    @Option(help: "From when on: 30d ago, or a time such as 2026-11-24T08:00:00Z; 15d when left out.")
    var since: TimeArgument?

    @Option(help: "Until when; now when left out.")
    var until: TimeArgument?

    func order(_ defaultRegion: String) throws -> SpotHistoryOrder {
        let document: JSONValue = [
            "regions": .array(region.map { .string($0) }), "instance_types": .array(type.map { .string($0) }),
            "from": .string(
                Timestamp(secondsSinceEpoch: (since ?? TimeArgument(daysAgo: 15)).date.timeIntervalSince1970)
                    .description
            ),
            "until": .string(
                Timestamp(secondsSinceEpoch: (until?.date ?? Date()).timeIntervalSince1970).description
            ),
        ]
        do {
            return try SpotHistoryOrder(
                JSONReader(document),
                now: Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970),
                defaultRegion: defaultRegion
            )
        } catch {
            throw ControlError("\(error.message); \(error.hint)", status: 2)
        }
    }
}

struct AnalyzeGaps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Shows what is missing, without ordering anything.",
        discussion: "Example: cloudoptim gaps analyze --region us-east-1 --since 30d"
    )

    @OptionGroup var history: HistoryOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Stores.with { stores in
            let order = try history.order(stores.settings.pricing.region)
            let store = PriceStore(pool: stores.pool)
            let types = try await store.typeNames(matching: order.instanceTypes)
            if let pattern = types.unmatched.first {
                throw ControlError("\(pattern) matches none of the known instance types", status: 2)
            }
            let gaps = try await store.gaps(
                regions: try await store.regionNames(order.regions, all: SpotHistoryOrder.everyRegion),
                instanceTypes: types.names,
                wanted: order.from.moment..<order.until.moment
            )
            let plan = SpotHistoryPlan(gaps)
            guard !output.json else { return print(Self.json(plan, gaps)) }
            guard !gaps.isEmpty else { return print("nothing is missing") }
            var table = TextTable([
                .init(heading: "region"), .init(heading: "type"), .init(heading: "from"), .init(heading: "until"),
                .init(heading: "hours", isNumber: true),
            ])
            for gap in gaps {
                table.add([
                    gap.region, gap.instanceType.isEmpty ? "all" : gap.instanceType, gap.from.formatted(.iso8601),
                    gap.until.formatted(.iso8601),
                    Age.number(Int((gap.until.timeIntervalSince(gap.from) / 3600).rounded())),
                ])
            }
            print(table.text)
            let minutes = plan.expectedMinutes(callsPerSecond: stores.settings.aws.callRate)
            print(
                "about \(Age.number(plan.expectedRows())) prices in \(plan.windows.count) windows, "
                    + "\(minutes) minutes of calls to EC2 (a guess)"
            )
        }
    }

    private static func json(_ plan: SpotHistoryPlan, _ gaps: [PriceStretch]) -> String {
        let stretches = gaps.map { gap -> JSONValue in
            [
                "region": .string(gap.region), "instance_type": .string(gap.instanceType),
                "from": .string(gap.from.formatted(.iso8601)), "until": .string(gap.until.formatted(.iso8601)),
            ]
        }
        let document: JSONValue = [
            "gaps": .array(stretches), "windows": .integer(Int64(plan.windows.count)),
            "estimated_records": .integer(Int64(plan.expectedRows())),
        ]
        return document.text()
    }
}

struct FillGaps: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Has workers fetch what is missing.",
        discussion: """
            Submits a job and, on a terminal or with --wait, shows how far it is; Ctrl-C ends the watching, not the job. \
            Sent again, it fetches only what is still missing.
            """
    )

    @OptionGroup var history: HistoryOptions

    @Flag(help: "Wait for the end also without a terminal.")
    var wait = false

    func run() async throws {
        try await Stores.with { stores in
            try await stores.withRedis { doorbell, _ in
                let ledger = JobLedger(pool: stores.pool)
                let intake = JobIntake(ledger: ledger, doorbell: doorbell, logger: Logger(label: "cloudoptim"))
                let order = try history.order(stores.settings.pricing.region)
                let job = NewJob(tenant: "system", kind: .spotHistory, payload: order.json.text(.canonical))
                let id = try await intake.accept(job).id
                print("gap \(id)")
                if wait || Terminal.isInteractive { try await GapWatch(ledger: ledger).follow(id) }
            }
        }
    }
}

struct WatchGap: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Shows how far a filling is, until it ends.",
        discussion:
            "Status 0 when the gap was filled, 1 when the filling failed or part of it cannot be filled any more."
    )

    @Argument(help: "The gap's id, as `gaps fill` printed it.")
    var gap: JobIDArgument

    func run() async throws {
        try await Stores.with { stores in
            try await GapWatch(ledger: JobLedger(pool: stores.pool)).follow(gap.id)
        }
    }
}

/// Follows a filling with a bar that is drawn over itself; a line at each step where no terminal is there.
private struct GapWatch {
    private static let width = 30

    let ledger: JobLedger

    func follow(_ id: JobID) async throws {
        var last = ""
        while true {
            guard let job = try await ledger.job(id, tenant: nil), job.kind == JobKind.spotHistory.name else {
                throw ControlError("there is no gap \(id)")
            }
            if job.state.isTerminal {
                if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
                return try tell(job)
            }
            let progress = job.progress.flatMap { try? JSONParser.parse($0) } ?? .null
            let text = Self.bar(progress, since: job.startedAt ?? job.acceptedAt)
            if Terminal.isInteractive {
                Terminal.write("\r\u{1B}[K" + text)
            } else if text != last {
                Terminal.write(text + "\n")
            }
            last = text
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private static func bar(_ progress: JSONValue, since start: Date) -> String {
        let percent = progress["percent"]?.number ?? 0
        let filled = Int((percent / 100 * Double(width)).rounded(.down))
        let drawn = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let count = progress["done"]?.integer.map { done in
            "  \(done) of \(progress["total"]?.integer ?? 0) windows"
        }
        // As long for each window that is left as for each that is done.
        let done = progress["done"]?.number ?? 0
        let open = (progress["total"]?.number ?? 0) - done
        let left = done > 0 && open > 0 ? "  \(Age.text(Date().timeIntervalSince(start) / done * open)) left" : nil
        return "\(drawn) \(Int(percent)) %" + (count ?? "  waiting") + (left ?? "")
    }

    private func tell(_ job: JobRecord) throws {
        guard job.state == .succeeded, let result = job.result.flatMap({ try? JSONParser.parse($0) }) else {
            throw ControlError("the filling \(job.state.rawValue): \(job.failure?.message ?? "no reason was given")")
        }
        let filled = Age.number(Int(result["records_filled"]?.integer ?? 0))
        print(
            "\(result["status"]?.string ?? "ended"): \(filled) new prices in \(result["windows"]?.integer ?? 0) windows"
        )
        if let unfillable = result["unfillable"], !unfillable.isNull {
            throw ControlError(
                "from \(unfillable["from"]?.string ?? "?") until \(unfillable["until"]?.string ?? "?") is lost: "
                    + (unfillable["reason"]?.string ?? "")
            )
        }
    }
}

extension Timestamp {
    fileprivate var moment: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }
}
