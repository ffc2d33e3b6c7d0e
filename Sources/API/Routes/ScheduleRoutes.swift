import Access
import Calendar
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs

/// `/schedules`: what fires by the calendar, a tenant's own and, for operators, everybody's.
struct ScheduleRoutes {
    let body: RequestBody
    let form: ScheduleForm
    let store: ScheduleStore

    func add(to group: RouterGroup<APIContext>) {
        group.get("schedules") { request, context in try await list(request, context) }
        group.post("schedules") { request, context in try await create(request, context) }
        group.post("schedules:preview") { request, context in try await previewExpression(request, context) }
        group.get("schedules/:schedule_id") { _, context in
            Response(json: try await find(context, .read).json.text())
        }
        group.patch("schedules/:schedule_id") { request, context in try await change(request, context) }
        group.delete("schedules/:schedule_id") { _, context in try await delete(context) }
        group.get("schedules/:schedule_id/preview") { request, context in try await preview(request, context) }
        group.get("schedules/:schedule_id/runs") { request, context in try await runs(request, context) }
        group.post("schedules/:schedule_id/pause") { request, context in try await pause(request, context) }
        group.post("schedules/:schedule_id/resume") { _, context in try await resume(context) }
        group.post("schedules/:schedule_id/run") { _, context in try await run(context) }
        group.post("schedules/:schedule_id/backfill") { request, context in try await backfill(request, context) }
    }

    // MARK: Looking

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["tenant"])
        let tenant = query.text("tenant")
        if let tenant, tenant != caller.tenant, !caller.may(.admin) {
            throw APIError(.forbidden, "this key sees its own tenant's schedules only", field: "tenant")
        }
        let schedules = try await store.list(tenant: caller.may(.admin) ? tenant : caller.tenant)
        let answer: JSONValue = [
            "schedules": .array(schedules.map(\.json)), "total": .integer(Int64(schedules.count)),
        ]
        return Response(json: answer.text())
    }

    private func preview(_ request: Request, _ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["count"])
        let count = try query.integer("count", default: 10, in: 1...1000)
        return try await Self.preview(schedule.recurrence(in: store.zones), count, store)
    }

    private func previewExpression(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let reader = try await body.document(request)
        guard let text = try form.expression(reader) else {
            throw APIError(.missingField, "expression is missing", field: "expression")
        }
        let count =
            try reader.optional("count").map { (count) throws(APIError) in try count.integer(in: 1...1000) } ?? 10
        let name = try reader.optional("time_zone").map { (zone) throws(APIError) in try zone.string() } ?? "UTC"
        do {
            let recurrence = Recurrence(try CronExpression(text), zone: try store.zones.zone(name))
            try recurrence.requireFire(after: try await store.now())
            return try await Self.preview(recurrence, Int(count), store)
        } catch let error as CalendarError {
            throw APIError(
                .invalidValue,
                error.message,
                field: error.code == .unknownZone ? "time_zone" : "expression"
            )
        }
    }

    private static func preview(_ recurrence: Recurrence, _ count: Int, _ store: ScheduleStore) async throws -> Response
    {
        let fires = recurrence.preview(after: try await store.now(), count: count)
        let answer: JSONValue = ["time_zone": .string(recurrence.zone.name), "fires": recurrence.json(fires)]
        return Response(json: answer.text())
    }

    /// The latest fires, newest first; `before` is the fire time that the page before ended with.
    private func runs(_ request: Request, _ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["limit", "before"])
        let limit = try query.integer("limit", default: 20, in: 1...1000)
        let fires = try await store.fires(of: schedule.id, before: try query.moment("before"), limit: limit)
        let answer: JSONValue = [
            "runs": .array(fires.map(\.json)),
            "next": fires.count == limit ? .optional(fires.last.map { $0.time.rfc3339 }) : .null,
        ]
        return Response(json: answer.text())
    }

    // MARK: Changing

    private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let new = try await form.new(try await body.document(request), caller: caller)
        try await store.create(new)
        return Response(
            .created,
            json: try await store.schedule(new.id).json.text(),
            headers: [.location: "\(RouterBuilder.prefix)/schedules/\(new.id.uuidString.lowercased())"]
        )
    }

    private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .submit)
        let caller = try context.caller(.submit)
        let reader = try await body.document(request)
        let isEnabled = try reader.optional("enabled").map { (enabled) throws(APIError) in try enabled.bool() }
        let form = self.form
        _ = try await store.update(schedule.id) { try await form.changed($0, by: reader, caller: caller) }
        switch isEnabled {
        case true? where schedule.pausedAt != nil: try await store.resume(schedule.id)
        case false? where schedule.pausedAt == nil: try await store.pause(schedule.id, reason: Self.reason(context))
        default: break
        }
        return Response(json: try await store.schedule(schedule.id).json.text())
    }

    private func delete(_ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .submit)
        guard !schedule.isBuiltin else {
            throw APIError(
                .conflict,
                "\(schedule.name) is built in and would be back after the next start",
                hint: "Pause it instead: POST /schedules/{id}/pause."
            )
        }
        try await store.delete(schedule.id)
        return Response(status: .noContent)
    }

    private func pause(_ request: Request, _ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .submit)
        let reader = try await body.optionalDocument(request)
        let reason = try reader?.optional("reason").map { (reason) throws(APIError) in try reason.string() }
        try await store.pause(schedule.id, reason: reason ?? Self.reason(context))
        return Response(json: try await store.schedule(schedule.id).json.text())
    }

    private func resume(_ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .submit)
        try await store.resume(schedule.id)
        return Response(json: try await store.schedule(schedule.id).json.text())
    }

    private func run(_ context: APIContext) async throws -> Response {
        let job = try await store.runNow(try await find(context, .submit).id)
        return Response(
            .accepted,
            json: #"{"job_id":"\#(job)"}"#,
            headers: [.location: "\(RouterBuilder.prefix)/jobs/\(job)"]
        )
    }

    private func backfill(_ request: Request, _ context: APIContext) async throws -> Response {
        let schedule = try await find(context, .submit)
        let reader = try await body.document(request)
        let from = try reader.required("from").timestamp()
        let end = try reader.required("to").timestamp()
        do {
            let jobs = try await store.backfill(
                schedule.id,
                from: Moment(seconds: from.milliseconds / 1000),
                through: Moment(seconds: end.milliseconds / 1000)
            )
            let answer: JSONValue = ["jobs": .array(jobs.map { .string($0.description) })]
            return Response(.accepted, json: answer.text())
        } catch let error as JobError where error.code == .invalidSchedule {
            throw APIError(.invalidValue, error.message, field: "to")
        }
    }

    private static func reason(_ context: APIContext) -> String {
        "paused over the API" + (context.identity.map { " by key \($0.keyID)" } ?? "")
    }

    /// The schedule the path names, if the caller may see it: another tenant's is not told from one that does not exist.
    private func find(_ context: APIContext, _ scope: Scope) async throws -> Schedule {
        let caller = try context.caller(scope)
        let text = try context.parameters.require("schedule_id")
        guard text.utf8.count == 36, let id = UUID(uuidString: text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a schedule's id", field: "schedule_id")
        }
        let schedule = try await store.schedule(id)
        guard caller.may(.admin) || schedule.tenant == caller.tenant else {
            throw ScheduleStore.missing(id)
        }
        return schedule
    }
}
