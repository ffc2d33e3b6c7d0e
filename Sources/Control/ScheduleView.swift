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
            "late       catch-up \(catchUp(schedule.catchUp)), overlap \(schedule.overlap.rawValue)",
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
            table.add(["\(fire)", recurrence.zone.civilTime(at: fire).text(), offset(recurrence, fire)])
        }
        return table.text
    }

    static func json(_ schedules: [Schedule]) -> String {
        JSONValue.array(schedules.map(value)).text(.asGiven)
    }

    static func json(_ schedule: Schedule, _ fires: [ScheduleFire]) -> String {
        let list = fires.map { fire -> JSONValue in
            [
                "fire_time": .string("\(Moment(fire.time))"),
                "origin": .string(fire.origin.rawValue),
                "job_id": .optional(fire.job?.description),
                "state": .optional(fire.state?.rawValue),
            ]
        }
        let whole: JSONValue = ["schedule": value(schedule), "fires": .array(list)]
        return whole.text(.asGiven)
    }

    static func json(_ fires: [Moment], _ recurrence: Recurrence) -> String {
        JSONValue.array(
            fires.map { fire -> JSONValue in
                [
                    "fire_time": .string("\(fire)"),
                    "local": .string(
                        recurrence.zone.civilTime(at: fire).text(separator: "T") + offset(recurrence, fire)
                    ),
                ]
            }
        ).text(.asGiven)
    }

    private static func value(_ schedule: Schedule) -> JSONValue {
        [
            "id": .string(schedule.id.uuidString.lowercased()),
            "tenant": .string(schedule.tenant),
            "name": .string(schedule.name),
            "expression": .string(schedule.expression.text),
            "time_zone": .string(schedule.timeZone),
            "gap": .string(schedule.clockChanges.gap.rawValue),
            "fold": .string(schedule.clockChanges.fold.rawValue),
            "catch_up": .string(catchUp(schedule.catchUp)),
            "overlap": .string(schedule.overlap.rawValue),
            "jitter_seconds": .integer(Int64(schedule.jitterSeconds)),
            "kind": .string(schedule.kindName),
            "lane": .string(schedule.lane.rawValue),
            "payload": (try? JSONParser.parse(Array(schedule.payload.utf8))) ?? .string(schedule.payload),
            "pause_after_failures": .integer(Int64(schedule.pauseAfterFailures)),
            "next_fire": schedule.pausedAt == nil ? .optional(time(schedule.nextFire)) : .null,
            "last_fire": .string("\(schedule.lastFire)"),
            "buffered_fire": .optional(schedule.bufferedFire?.description),
            "fired": .integer(Int64(schedule.fired)),
            "dropped": .integer(Int64(schedule.dropped)),
            "failure_streak": .integer(Int64(schedule.failureStreak)),
            "paused_at": .optional(time(schedule.pausedAt)),
            "pause_reason": .optional(schedule.pauseReason),
        ]
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

    private static func catchUp(_ policy: CatchUpPolicy) -> String {
        switch policy {
        case .skip, .latest: policy.word
        case .all, .within: "\(policy.word):\(policy.bound)"
        }
    }

    /// `+05:45`.
    private static func offset(_ recurrence: Recurrence, _ fire: Moment) -> String {
        let seconds = recurrence.zone.period(at: fire.seconds).offset
        let minutes = abs(seconds) / 60
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(seconds < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
