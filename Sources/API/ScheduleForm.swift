import Access
import Calendar
import Contract
import FoundationEssentials
import Jobs

/// Reads a schedule from a request, and checks its jobs' payload as the jobs' own route would.
struct ScheduleForm: Sendable {
    let submission: JobSubmission

    /// The fields that say when it fires; one of the first four is needed.
    static let fields: Set<String> = [
        "expression", "cron", "daily", "weekly", "weekday", "time_zone", "name", "kind", "payload", "lane", "gap",
        "fold",
        "catch_up", "overlap", "jitter_seconds", "pause_after_failures", "enabled",
    ]

    /// A schedule to be created.
    ///
    /// - Throws: 422 with the field at fault, 403 for kinds that the caller may not send.
    func new(_ body: JSONReader, caller: Identity) async throws -> NewSchedule {
        try refuseOthers(body)
        guard let expression = try expression(body) else {
            throw APIError(
                .missingField,
                "nothing says when it fires",
                field: "expression",
                hint: "Send expression with five cron fields or a macro, or daily or weekly with HH:MM."
            )
        }
        // The kind's own reader sees the payload with its defaults filled in, as each job will carry it.
        let job = try await submission.job(Self.jobItem(body), caller: caller)
        let name = try body.required("name", hint: "Send a name, unique within your tenant.")
        var schedule = try Self.build(
            name: try name.string(maximumLength: 100),
            tenant: caller.tenant,
            expression: expression,
            timeZone: try body.optional("time_zone").map { (zone) throws(APIError) in try zone.string() } ?? "UTC",
            job
        )
        schedule.lane = job.lane
        try apply(body, to: &schedule)
        if let enabled = try body.optional("enabled"), try !enabled.bool() { schedule.pauseReason = "created paused" }
        return schedule
    }

    /// What a schedule becomes with the fields that were sent.
    ///
    /// - Throws: 422 with the field at fault.
    func changed(_ schedule: Schedule, by body: JSONReader, caller: Identity) async throws -> NewSchedule {
        try refuseOthers(body)
        for (key, stays) in [("name", schedule.name), ("kind", schedule.kindName)] {
            if let field = try body.optional(key), try field.string() != stays {
                throw field.invalid("cannot be changed", hint: "Create another schedule and delete this one.")
            }
        }
        guard let kind = JobKind.named(schedule.kindName) else {
            throw APIError(.conflict, "this build knows no job kind \(schedule.kindName)")
        }
        var job = NewJob(tenant: schedule.tenant, kind: kind, payload: schedule.payload)
        if let payload = try body.optional("payload") {
            let item: JSONValue = ["kind": .string(kind.name), "payload": payload.value]
            job = try await submission.job(JSONReader(item), caller: caller)
        }
        var new = try Self.build(
            name: schedule.name,
            tenant: schedule.tenant,
            expression: try expression(body) ?? schedule.expression.text,
            timeZone: try body.optional("time_zone").map { (zone) throws(APIError) in try zone.string() }
                ?? schedule.timeZone,
            job
        )
        new.clockChanges = schedule.clockChanges
        new.catchUp = schedule.catchUp
        new.overlap = schedule.overlap
        new.jitterSeconds = schedule.jitterSeconds
        new.pauseAfterFailures = schedule.pauseAfterFailures
        new.lane = schedule.lane
        try apply(body, to: &new)
        return new
    }

    /// When it fires: nil when the body does not say.
    ///
    /// - Throws: 422 when it says so twice, or not as a time.
    func expression(_ body: JSONReader) throws(APIError) -> String? {
        var found: [String] = []
        if let field = try body.first(of: ["expression", "cron"]) { found.append(try field.string()) }
        if let field = try body.optional("daily") { found.append("daily \(try field.string(maximumLength: 5))") }
        let weekday = try body.optional("weekday")
        if let field = try body.optional("weekly") {
            let day = try weekday.map { (day) throws(APIError) in "\(try day.string(maximumLength: 9)) " } ?? ""
            found.append("weekly \(day)\(try field.string(maximumLength: 5))")
        } else if let weekday {
            throw weekday.invalid("goes with weekly only")
        }
        guard found.count <= 1 else {
            throw APIError(
                .invalidValue,
                "it says more than once when it fires",
                field: "expression",
                hint: "Send one of expression, daily and weekly."
            )
        }
        if let text = found.first {
            do {
                _ = try CronExpression(text)
            } catch {
                throw APIError(.invalidValue, error.message, field: "expression")
            }
        }
        return found.first
    }

    private func apply(_ body: JSONReader, to schedule: inout NewSchedule) throws(APIError) {
        let changes = schedule.clockChanges
        schedule.clockChanges = ClockChangePolicy(
            gap: try choice(body, "gap") ?? changes.gap,
            fold: try choice(body, "fold") ?? changes.fold
        )
        schedule.overlap = try choice(body, "overlap") ?? schedule.overlap
        schedule.lane = try choice(body, "lane") ?? schedule.lane
        if let field = try body.optional("catch_up") {
            guard let policy = CatchUpPolicy(text: try field.string()) else {
                throw field.invalid("is no policy", hint: "Send skip, latest, all:N or within:SECONDS.")
            }
            schedule.catchUp = policy
        }
        if let field = try body.optional("jitter_seconds") {
            schedule.jitterSeconds = Int(try field.integer(in: 0...86_400, unit: "seconds"))
        }
        if let field = try body.optional("pause_after_failures") {
            schedule.pauseAfterFailures = Int(try field.integer(in: 0...1_000_000))
        }
    }

    private func choice<Value: RawRepresentable & CaseIterable>(_ body: JSONReader, _ key: String) throws(APIError)
        -> Value? where Value.RawValue == String
    {
        guard let field = try body.optional(key) else { return nil }
        guard let value = Value(rawValue: try field.string()) else {
            throw field.invalid(
                "is none of its values",
                hint: "Send one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return value
    }

    /// The part of the body that describes one job.
    private static func jobItem(_ body: JSONReader) -> JSONReader {
        var item: JSONObject = [:]
        for key in ["kind", "payload", "lane"] { item[key] = body.value[key] }
        if item["payload"] == nil { item["payload"] = .object([:]) }
        return JSONReader(.object(item))
    }

    private static func build(
        name: String,
        tenant: String,
        expression: String,
        timeZone: String,
        _ job: NewJob
    ) throws -> NewSchedule {
        do {
            return try NewSchedule(
                tenant: tenant,
                name: name,
                expression: expression,
                timeZone: timeZone,
                kind: job.kind,
                payload: job.payload
            )
        } catch let error as JobError {
            throw APIError(.invalidValue, error.message, field: "name")
        }
    }

    /// A misspelt policy would otherwise be another one.
    private func refuseOthers(_ body: JSONReader) throws(APIError) {
        for key in try body.object().keys.sorted() where !Self.fields.contains(key) {
            throw APIError(
                .invalidValue,
                "\(key.prefix(60)) is no field of a schedule",
                field: String(key.prefix(60)),
                hint: "Fields are \(Self.fields.sorted().joined(separator: ", "))."
            )
        }
    }
}
