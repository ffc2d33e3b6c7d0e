import Calendar
import Contract

/// Reads a schedule in whichever syntax it comes, and the zones it names.
///
/// The zones come from the machine's tzdata; their fingerprints are part of the answer, so that a replay can tell when
/// a government has changed its mind in between.
struct ScheduleReader {
    /// Read at most once per process and zone.
    static let directory = ZoneDirectory()

    private(set) var clocks = ZoneClocks()
    /// For what names no zone of its own.
    var defaultZone = "UTC"
    var holidays: Set<Int64> = []
    private var known: [String: UptimeSchedule] = [:]

    /// Takes the zone for everything without one of its own.
    mutating func setZone(_ field: JSONReader?) throws(APIError) {
        if let field { defaultZone = try field.string(maximumLength: 64) }
        try addZones([defaultZone], at: field ?? JSONReader(.string(defaultZone), path: .key(.root, "timezone")))
    }

    /// A schedule from the value of a request: text, or an object in the form of kube-green or of the reference.
    mutating func read(_ field: JSONReader) throws(APIError) -> UptimeSchedule {
        if case .string = field.value {
            return try text(try field.string(maximumLength: 4096), at: field)
        }
        _ = try field.object()
        if let spec = try field.optional("spec") { return try read(spec) }
        let zone = try zoneName(field) ?? defaultZone
        var schedule: UptimeSchedule
        if try field.optional("sleepAt") != nil {
            let events = try KubeGreenSpec.read(field, zone: zone)
            let text = "sleep \(events.sleeps.joined()) wake \(events.wakes.joined())"
            schedule = UptimeSchedule(syntax: .kubeGreen, text: text, zone: zone, rule: .events(events))
        } else if try field.first(of: ["uptime", "downtime"]) != nil {
            schedule = try pair(try field.optional("uptime"), try field.optional("downtime"))
        } else if try field.first(of: ["weekdays", "weekends"]) != nil {
            let windows = try ReferenceHours.read(field, zone: zone)
            let text = windows.weekly.map(\.description).joined(separator: ", ")
            schedule = UptimeSchedule(
                syntax: .reference,
                text: text.isEmpty ? "never" : text,
                zone: zone,
                rule: .windows(up: windows, down: .never)
            )
        } else {
            throw field.invalid(
                "is no schedule",
                hint: "Send a kube-downscaler specification, a Custodian off-hours tag, a kube-green spec, or weekdays "
                    + "and weekends with start and end."
            )
        }
        if schedule.syntax == .kubeGreen { try KubeGreenSpec.readScope(field, &schedule) }
        schedule.holidays = try dates(field, ["holidays"]).map { holidays.union($0) } ?? holidays
        if let skipped = try dates(field, ["skip_days", "skip-days"]), case .events(var events) = schedule.rule {
            events.skipped = skipped
            schedule.rule = .events(events)
        }
        try addZones(schedule.zones, at: field)
        return schedule
    }

    /// The schedule of kube-downscaler's two annotations: runs in the uptime, except in the downtime.
    mutating func pair(_ uptime: JSONReader?, _ downtime: JSONReader?) throws(APIError) -> UptimeSchedule {
        let up = try uptime.map { (field) throws(APIError) in try windows(field) }
        let down = try downtime.map { (field) throws(APIError) in try windows(field) }
        let texts = [up.map { "up \($0.text)" }, down.map { "down \($0.text)" }].compactMap { $0 }
        let schedule = UptimeSchedule(
            syntax: .downscaler,
            text: texts.joined(separator: "; "),
            zone: defaultZone,
            rule: .windows(up: up?.set ?? .always, down: down?.set ?? .never),
            holidays: holidays
        )
        if let place = uptime ?? downtime { try addZones(schedule.zones, at: place) }
        return schedule
    }

    private mutating func windows(_ field: JSONReader) throws(APIError) -> (set: WindowSet, text: String) {
        let text = try field.string(maximumLength: 4096)
        do throws(SpecFault) {
            return (try DownscalerSpec.read(text, defaultZone: defaultZone), text)
        } catch {
            throw field.invalid(error.message, hint: error.hint)
        }
    }

    /// The same text is read once, however many workloads carry it.
    private mutating func text(_ text: String, at field: JSONReader) throws(APIError) -> UptimeSchedule {
        if let schedule = known[text] { return schedule }
        var schedule: UptimeSchedule
        do throws(SpecFault) {
            if OffhoursTag.matches(text) {
                let tag = try OffhoursTag.read(text, defaultZone: defaultZone)
                schedule = UptimeSchedule(syntax: .offhours, text: text, zone: tag.zone, rule: .events(tag.events))
            } else {
                let windows = try DownscalerSpec.read(text, defaultZone: defaultZone)
                let rule = UptimeSchedule.Rule.windows(up: windows, down: .never)
                schedule = UptimeSchedule(syntax: .downscaler, text: text, zone: defaultZone, rule: rule)
            }
        } catch {
            throw field.invalid(error.message, hint: error.hint)
        }
        schedule.holidays = holidays
        try addZones(schedule.zones, at: field)
        known[text] = schedule
        return schedule
    }

    /// The zone an object names for itself.
    private func zoneName(_ field: JSONReader) throws(APIError) -> String? {
        try field.first(of: ["timeZone", "timezone", "time_zone", "tz"])?.string(maximumLength: 64)
    }

    /// Dates of a list as days since 1970; nothing when there is no such list.
    func dates(_ field: JSONReader, _ names: [String]) throws(APIError) -> Set<Int64>? {
        guard let list = try field.first(of: names) else { return nil }
        var days: Set<Int64> = []
        let elements = try list.elements()
        guard elements.count <= 4000 else { throw list.invalid("must not hold more than 4000 dates") }
        for element in elements {
            guard let day = Self.day(try element.string(maximumLength: 10)) else {
                throw element.invalid("is no date", hint: "Write 2026-12-25.")
            }
            days.insert(day)
        }
        return days
    }

    private static func day(_ text: String) -> Int64? {
        guard let midnight = Timestamp(text + "T00:00:00Z") else { return nil }
        return midnight.milliseconds / 86_400_000
    }

    /// Looks every zone of the schedule up, so that an unknown one is refused before anything is decided.
    private mutating func addZones(_ names: [String], at field: JSONReader) throws(APIError) {
        for name in names where clocks.zones[name] == nil {
            do throws(CalendarError) {
                clocks.add(try Self.directory.zone(name))
            } catch {
                throw field.invalid(
                    "names a time zone that cannot be used: \(error.message)",
                    hint: "Use an IANA name such as Europe/Berlin or UTC."
                )
            }
        }
    }
}

extension UptimeSchedule {
    /// Every zone it needs, sorted.
    var zones: [String] {
        switch rule {
        case .windows(let up, let down): Set((up.weekly + down.weekly).map(\.zone) + [zone]).sorted()
        case .events(let events): Set([events.zone, zone]).sorted()
        }
    }
}

extension WindowSet.Weekly: CustomStringConvertible {
    var description: String {
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let days = (0..<7).filter { window.days >> UInt8($0) & 1 == 1 }.map { names[$0] }
        return "\(days.joined(separator: "+")) \(Self.clock(window.start))-\(Self.clock(window.end)) \(zone)"
    }

    private static func clock(_ minutes: Int) -> String {
        let within = minutes > DayWindow.minutesPerDay ? minutes - DayWindow.minutesPerDay : minutes
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(within / 60)):\(two(within % 60))"
    }
}
