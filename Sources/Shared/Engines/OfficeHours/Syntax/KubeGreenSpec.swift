import Calendar
import Contract

/// The `SleepInfo` of kube-green: weekdays in cron notation, `sleepAt`, `wakeUpAt` and `timeZone`.
///
/// Without `wakeUpAt` somebody wakes things by hand, and between two sleeps nothing can be said.
enum KubeGreenSpec {
    static func read(_ spec: JSONReader, zone: String) throws(APIError) -> SleepEvents {
        let days = try spec.required("weekdays", hint: "Write weekdays as cron has them, such as \"1-5\".")
        let weekdays = try days.string(maximumLength: 64)
        guard weekdays.utf8.allSatisfy({ $0 != UInt8(ascii: " ") }), Self.isReadable("0 0 * * \(weekdays)") else {
            throw days.invalid("names no days in cron notation", hint: "Write \"1-5\", \"mon-fri\" or \"*\".")
        }
        let sleep = try cron(try spec.required("sleepAt"), weekdays)
        var wakes: [String] = []
        if let field = try spec.optional("wakeUpAt") { wakes = [try cron(field, weekdays)] }
        return SleepEvents(wakes: wakes, sleeps: [sleep], zone: zone)
    }

    /// What the spec applies to: CronJobs only when it says so, and never what it excludes.
    static func readScope(_ spec: JSONReader, _ schedule: inout UptimeSchedule) throws(APIError) {
        schedule.suspendsCronJobs = try spec.optional("suspendCronJobs")?.bool() ?? false
        if try spec.optional("suspendDeployments")?.bool() == false {
            schedule.exceptions.append(.init(kind: "Deployment", name: "", labels: [:]))
        }
        for element in try spec.optional("excludeRef")?.elements() ?? [] {
            var labels: [String: String] = [:]
            for label in try element.optional("matchLabels")?.object().members ?? [] {
                labels[label.key] = try JSONReader(label.value, path: .key(element.path, label.key)).string()
            }
            schedule.exceptions.append(
                .init(
                    kind: try element.optional("kind")?.string() ?? "",
                    name: try element.optional("name")?.string() ?? "",
                    labels: Labels(labels)
                )
            )
        }
    }

    /// `20:00` on those weekdays; hour and minute may be cron fields, as in `*:*/2`.
    private static func cron(_ field: JSONReader, _ weekdays: String) throws(APIError) -> String {
        let text = try field.string(maximumLength: 64)
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !text.utf8.contains(UInt8(ascii: " ")) else {
            throw field.invalid("is no time of day", hint: "Write HH:MM, such as \"20:00\".")
        }
        let expression = "\(parts[1]) \(parts[0]) * * \(weekdays)"
        do throws(CalendarError) {
            _ = try CronExpression(expression)
        } catch {
            throw field.invalid("cannot be read: \(error.message)", hint: "Write HH:MM, such as \"20:00\".")
        }
        return expression
    }

    private static func isReadable(_ expression: String) -> Bool { (try? CronExpression(expression)) != nil }
}
