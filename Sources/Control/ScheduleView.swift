import Calendar
import Contract
import FoundationEssentials
import Jobs

/// How schedules look, to people and to programs.
enum ScheduleView {
    static func table(_ schedules: [Schedule]) -> String {
        var table = TextTable([
            .init(heading: "name"), .init(heading: "tenant"), .init(heading: "expression"), .init(heading: "zone"),
            .init(heading: "kind"), .init(heading: "next fire"), .init(heading: "fired", isNumber: true),
            .init(heading: "dropped", isNumber: true), .init(heading: "failures", isNumber: true),
            .init(heading: "state"),
        ])
        for schedule in schedules {
            table.add([
                schedule.name, schedule.tenant, schedule.expression.text, schedule.timeZone, schedule.kindName,
                schedule.pausedAt == nil ? next(schedule) : "-", "\(schedule.fired)", "\(schedule.dropped)",
                "\(schedule.failureStreak)", state(schedule),
            ])
        }
        return table.text
    }

    static func text(_ schedule: Schedule, _ fires: [ScheduleFire]) -> String {
        var lines = [
            "schedule   \(schedule.name) (\(schedule.id.uuidString.lowercased()))",
            "tenant     \(schedule.tenant)",
            "fires      \(schedule.expression.text), \(schedule.timeZone)",
            "clocks     gap \(schedule.clockChanges.gap.rawValue), fold \(schedule.clockChanges.fold.rawValue)",
            "late       catch-up \(schedule.catchUp.text), overlap \(schedule.overlap.rawValue)",
            "job        \(schedule.kindName), lane \(schedule.lane.rawValue), jitter \(schedule.jitterSeconds) s",
            "payload    \(schedule.payload)",
            "state      \(state(schedule)), \(schedule.fired) fired, \(schedule.dropped) dropped, "
                + "\(schedule.failureStreak) failed in a row",
            "next fire  \(schedule.pausedAt == nil ? next(schedule) : "-")",
        ]
        guard !fires.isEmpty else { return lines.joined(separator: "\n") }
        var table = TextTable([
            .init(heading: "fire"), .init(heading: "origin"), .init(heading: "job"), .init(heading: "state"),
        ])
        for fire in fires {
            table.add([
                "\(Moment(fire.time))", fire.origin.rawValue, fire.job?.description ?? "-",
                fire.state?.rawValue ?? (fire.job == nil ? "dropped" : "gone"),
            ])
        }
        lines += ["", table.text]
        return lines.joined(separator: "\n")
    }

    static func table(_ fires: [Moment], _ recurrence: Recurrence) -> String {
        var table = TextTable([.init(heading: "UTC"), .init(heading: recurrence.zone.name), .init(heading: "offset")])
        for fire in fires {
            table.add(["\(fire)", recurrence.zone.civilTime(at: fire).text(), recurrence.offset(at: fire)])
        }
        return table.text
    }

    static func json(_ schedules: [Schedule]) -> String {
        JSONValue.array(schedules.map(\.json)).text(.asGiven)
    }

    static func json(_ schedule: Schedule, _ fires: [ScheduleFire]) -> String {
        let whole: JSONValue = ["schedule": schedule.json, "fires": .array(fires.map(\.json))]
        return whole.text(.asGiven)
    }

    static func json(_ fires: [Moment], _ recurrence: Recurrence) -> String {
        recurrence.json(fires).text(.asGiven)
    }

    private static func time(_ date: Date?) -> String? {
        date.flatMap { $0 == .distantFuture ? nil : "\(Moment($0))" }
    }

    private static func next(_ schedule: Schedule) -> String {
        guard let next = schedule.nextFire else { return "soon" }
        return time(next) ?? "never"
    }

    private static func state(_ schedule: Schedule) -> String {
        guard schedule.pausedAt != nil else { return "active" }
        return "paused" + (schedule.pauseReason.map { ": \($0)" } ?? "")
    }
}
