import ArgumentParser
import FoundationEssentials
import Jobs

/// For commands that only read.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON for machines instead of a table.")
    var json = false
}

/// For commands that cannot be undone.
struct ConsentOptions: ParsableArguments {
    @Flag(help: "Do it without asking; needed when no terminal is there to ask on.")
    var yes = false

    /// Asks on the terminal unless `--yes` was given; `question` says what is about to happen, without a full stop.
    func require(_ question: String) throws {
        guard !yes else { return }
        guard Terminal.isInteractive else {
            throw ControlError("\(question): add --yes to do this without a terminal", status: 2)
        }
        Terminal.write("\(question). Go on? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.trimmed.lowercased()) else {
            throw ControlError("nothing was changed")
        }
    }
}

/// Which jobs are meant.
struct FilterOptions: ParsableArguments {
    @Option(help: "Only this tenant's.")
    var tenant: String?

    @Option(help: "Only this lane's: critical, interactive, batch, bulk.")
    var lane: Lane?

    @Option(help: "Only this kind, such as decision.spot_optimize.")
    var kind: String?

    @Option(help: "Only this cluster's.")
    var cluster: String?

    @Option(help: "Only children of this job.")
    var parent: JobIDArgument?

    @Option(help: "Only those that ended, or last failed, with this error code.")
    var error: String?

    @Option(help: "Accepted since: 30m, 12h, 7d ago, or a time such as 2026-11-24T08:00:00Z.")
    var since: TimeArgument?

    @Option(help: "Accepted before; like --since.")
    var until: TimeArgument?

    var filter: JobFilter {
        var filter = JobFilter()
        filter.tenant = tenant
        filter.lane = lane
        filter.kind = kind
        filter.cluster = cluster
        filter.parent = parent?.id
        filter.errorCode = error
        filter.since = since?.date
        filter.until = until?.date
        return filter
    }
}

/// A job's id on the command line.
struct JobIDArgument: ExpressibleByArgument {
    let id: JobID

    init?(argument: String) {
        guard let id = JobID(argument) else { return nil }
        self.id = id
    }
}

/// A time on the command line: an age, or the time itself.
struct TimeArgument: ExpressibleByArgument {
    let date: Date

    init(daysAgo days: Double) { date = Date(timeIntervalSinceNow: -days * 86_400) }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let unit = argument.last.flatMap({ units[$0] }), let number = Double(argument.dropLast()), number >= 0 {
            date = Date(timeIntervalSinceNow: -number * unit)
        } else if let time = try? Date(argument, strategy: .iso8601) {
            date = time
        } else {
            return nil
        }
    }
}

extension Lane: ExpressibleByArgument {}
extension JobState: ExpressibleByArgument {}
extension QueueRule.Scope: ExpressibleByArgument {}
