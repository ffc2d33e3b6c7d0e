package import Calendar
package import Contract
import FoundationEssentials

extension Schedule {
    /// As API and command line show it.
    package var json: JSONValue {
        [
            "schedule_id": .string(id.uuidString.lowercased()),
            "tenant": .string(tenant),
            "name": .string(name),
            "expression": .string(expression.text),
            "time_zone": .string(timeZone),
            "gap": .string(clockChanges.gap.rawValue),
            "fold": .string(clockChanges.fold.rawValue),
            "catch_up": .string(catchUp.text),
            "overlap": .string(overlap.rawValue),
            "jitter_seconds": .integer(Int64(jitterSeconds)),
            "kind": .string(kindName),
            "lane": .string(lane.rawValue),
            "payload": (try? JSONParser.parse(Array(payload.utf8))) ?? .string(payload),
            "pause_after_failures": .integer(Int64(pauseAfterFailures)),
            "builtin": .bool(isBuiltin),
            "enabled": .bool(pausedAt == nil),
            "next_fire": .optional(nextFireText),
            "last_fire": .string("\(lastFire)"),
            "buffered_fire": .optional(bufferedFire?.description),
            "fired": .integer(Int64(fired)),
            "dropped": .integer(Int64(dropped)),
            "failure_streak": .integer(Int64(failureStreak)),
            "paused_at": .optional(pausedAt.map { "\(Moment($0))" }),
            "pause_reason": .optional(pauseReason),
            "created_at": .string("\(Moment(createdAt))"),
        ]
    }

    /// Nil while it is paused, when it is to be found anew, and when it will not fire again.
    package var nextFireText: String? {
        guard pausedAt == nil, let nextFire, nextFire != .distantFuture else { return nil }
        return "\(Moment(nextFire))"
    }
}

extension ScheduleFire {
    package var json: JSONValue {
        [
            "fire_time": .string("\(Moment(time))"),
            "origin": .string(origin.rawValue),
            "job_id": .optional(job?.description),
            "state": .optional(state?.rawValue),
        ]
    }
}

extension Recurrence {
    /// Moments in UTC and on the wall of the schedule's zone.
    package func json(_ fires: [Moment]) -> JSONValue {
        .array(
            fires.map { fire in
                [
                    "fire_time": .string("\(fire)"),
                    "local": .string(zone.civilTime(at: fire).text(separator: "T", seconds: true) + offset(at: fire)),
                ]
            }
        )
    }

    /// `+05:45`.
    package func offset(at moment: Moment) -> String {
        let seconds = zone.period(at: moment.seconds).offset
        let minutes = abs(seconds) / 60
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(seconds < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}
