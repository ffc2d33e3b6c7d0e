import Access
import Calendar
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import Pricing
import Registry

/// `/refresh/*`: making complete what models look back over, now and by the calendar.
///
/// A refresh's id is the id of its job.
struct RefreshRoutes {
    let jobs: JobGateway
    let body: RequestBody
    let store: ModelStore
    let history: RefreshHistory
    let schedules: ScheduleStore
    let prices: PriceStore
    let defaultRegion: String
    /// Calls to EC2 a second, for estimates.
    let callRate: Double

    func add(to group: RouterGroup<APIContext>) {
        group.post("refresh/trigger") { request, context in try await trigger(request, context) }
        group.get("refresh/status/:refresh_id") { _, context in try await status(context) }
        group.get("refresh/history") { request, context in try await list(request, context) }
        group.post("refresh/schedule") { request, context in try await schedule(request, context) }
    }

    private func trigger(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let bytes = try await body.read(request)
        let reader = JSONReader(try RequestBody.parse(bytes))
        for name in ["model_id", "instance_types", "regions"] { _ = try reader.required(name) }
        let order = try RefreshOrder(reader, now: Self.now)
        guard !order.prices.instanceTypes.isEmpty else {
            throw APIError(
                .missingField,
                "instance_types names none",
                field: "instance_types",
                hint: "Send m5.* or the like."
            )
        }
        try await require(order.model)
        var job = NewJob(tenant: caller.tenant, kind: .modelRefresh, payload: order.json(.manual).text(.canonical))
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: .modelRefresh, body: bytes)
        let receipt = try await jobs.intake.accept(job)
        let reply: JSONValue = [
            "refresh_id": .string(receipt.id.description), "job_id": .string(receipt.id.description),
            "status": "in_progress", "estimated_duration_minutes": .integer(Int64(try await minutes(order))),
        ]
        return Response(
            .accepted,
            json: reply.text(),
            headers: [.location: "\(RouterBuilder.prefix)/refresh/status/\(receipt.id)"]
        )
    }

    private func minutes(_ order: RefreshOrder) async throws -> Int {
        let gaps = try await prices.gaps(
            regions: order.prices.regions,
            instanceTypes: order.prices.instanceTypes,
            products: order.prices.products,
            wanted: order.prices.from.date..<order.prices.until.date
        )
        return max(1, SpotHistoryPlan(gaps).expectedMinutes(callsPerSecond: callRate))
    }

    private func status(_ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let text = try context.parameters.require("refresh_id")
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a refresh's id", field: "refresh_id")
        }
        let tenant = caller.may(.admin) ? nil : caller.tenant
        guard let record = try await jobs.ledger.job(id, tenant: tenant), record.kind == JobKind.modelRefresh.name
        else {
            throw APIError(.jobNotFound, "there is no refresh \(id)", field: "refresh_id")
        }
        return Response(json: Self.json(record).text())
    }

    private static func json(_ record: JobRecord) -> JSONValue {
        let result = record.result.flatMap { try? JSONParser.parse($0) } ?? .null
        let progress = record.progress.flatMap { try? JSONParser.parse($0) } ?? .null
        let status =
            switch record.state {
            case .succeeded: "completed"
            case .failed, .dead, .cancelled: "failed"
            default: "in_progress"
            }
        return [
            "refresh_id": .string(record.id.description), "status": .string(status),
            "state": .string(record.state.rawValue),
            "percent_complete": record.state == .succeeded ? 100 : (progress["percent"] ?? 0),
            "records_fetched": result["records_fetched"] ?? 0, "activation": result["activation"] ?? .null,
            "started_at": .string((record.startedAt ?? record.acceptedAt).rfc3339),
            "eta_seconds": progress["eta_seconds"] ?? .null,
            "completed_at": .optional(record.finishedAt?.rfc3339), "error_message": .optional(record.failure?.message),
        ]
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["model_id", "limit", "offset"])
        let limit = try query.integer("limit", default: 20, in: 1...200)
        let offset = try query.integer("offset", default: 0, in: 0...100_000)
        var model: UUID?
        if let text = query.text("model_id") {
            guard let id = UUID(uuidString: text) else {
                throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a model's id", field: "model_id")
            }
            model = id
        }
        let entries = try await history.list(
            model: model,
            tenant: caller.may(.admin) ? nil : caller.tenant,
            limit: limit,
            offset: offset
        )
        return Response(json: JSONValue.array(entries).text())
    }

    /// One schedule for each model and form: asking again changes it.
    private func schedule(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let reader = try await body.document(request)
        let expression = try Self.expression(reader)
        let days = try reader.optional("lookback_days").map { (days) throws(APIError) in
            try days.integer(in: 1...30, unit: "days")
        }
        var document = try reader.object()
        document["lookback_days"] = .integer(days ?? 7)
        for key in ["from", "refresh_from_date", "start_date"] { document[key] = nil }
        let order = try RefreshOrder(JSONReader(.object(document)), now: Self.now, defaultRegion: defaultRegion)
        guard let model = order.model else {
            throw APIError(.missingField, "model_id is missing", field: "model_id")
        }
        try await require(model)
        let isEnabled = try reader.optional("enabled").map { (flag) throws(APIError) in try flag.bool() } ?? true
        let word = expression.hasPrefix("weekly") ? "weekly" : "daily"
        var new = try NewSchedule(
            tenant: caller.tenant,
            name: "refresh-\(model.uuidString.lowercased())-\(word)",
            expression: expression,
            timeZone: try reader.optional("time_zone").map { (zone) throws(APIError) in try zone.string() } ?? "UTC",
            kind: .modelRefresh,
            payload: order.json(.scheduled).text(.canonical)
        )
        new.overlap = .skip
        if !isEnabled { new.pauseReason = "created paused" }
        let id = try await keep(new, isEnabled: isEnabled)
        let stored = try await schedules.schedule(id)
        let reply: JSONValue = [
            "schedule_id": .string(id.uuidString.lowercased()), "next_run_at": .optional(stored.nextFireText),
            "enabled": .bool(stored.pausedAt == nil), "expression": .string(stored.expression.text),
            "time_zone": .string(stored.timeZone), "lookback_days": .integer(days ?? 7),
        ]
        return Response(
            .created,
            json: reply.text(),
            headers: [.location: "\(RouterBuilder.prefix)/schedules/\(id.uuidString.lowercased())"]
        )
    }

    private func keep(_ new: NewSchedule, isEnabled: Bool) async throws -> UUID {
        if try await schedules.createIfAbsent(new) { return new.id }
        guard let old = try await schedules.list(tenant: new.tenant).first(where: { $0.name == new.name }) else {
            throw APIError.unavailable("the schedule was removed at this moment")
        }
        guard old.kindName == new.kind.name else {
            throw APIError(.conflict, "a schedule \(old.name) of another kind exists", field: "model_id")
        }
        _ = try await schedules.update(old.id) { _ in new }
        if isEnabled, old.pausedAt != nil { try await schedules.resume(old.id) }
        if !isEnabled, old.pausedAt == nil { try await schedules.pause(old.id, reason: "paused over the API") }
        return old.id
    }

    private static func expression(_ reader: JSONReader) throws(APIError) -> String {
        let type = try reader.required("schedule_type", hint: "Send daily or weekly.")
        let time = try reader.required("time", hint: "Send HH:MM, 24 hours.").string(maximumLength: 5)
        let weekday = try reader.optional("weekday")
        switch try type.string() {
        case "daily":
            if let weekday { throw weekday.invalid("goes with weekly only") }
            return "daily \(time)"
        case "weekly":
            let day = try weekday.map { (day) throws(APIError) in "\(try day.string(maximumLength: 9)) " } ?? ""
            return "weekly \(day)\(time)"
        default: throw type.invalid("is neither daily nor weekly")
        }
    }

    private func require(_ model: UUID?) async throws {
        guard let model else { return }
        do {
            _ = try await store.model(model)
        } catch RegistryError.unknown {
            throw APIError(.notFound, "there is no model \(model.uuidString.lowercased())", field: "model_id")
        }
    }

    private static var now: Timestamp { Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970) }
}
