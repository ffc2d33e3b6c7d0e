import Access
import Contract
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Pricing

/// `/gap-filler/*`: what is missing of the spot price history, and filling it.
///
/// A gap's id is the id of the job that fills it.
struct GapFillerRoutes {
    let jobs: JobGateway
    let body: RequestBody
    let prices: PriceStore
    /// Calls to EC2 a second, for estimates.
    let callRate: Double

    func add(to group: RouterGroup<APIContext>) {
        group.post("gap-filler/analyze") { request, context in
            _ = try context.caller(.read)
            return try await analyze(request)
        }
        group.post("gap-filler/fill") { request, context in
            try await fill(request, context)
        }
        group.get("gap-filler/status/:id") { request, context in
            try await status(try context.parameters.require("id"), try context.caller(.read))
        }
        group.get("gap-filler/history") { request, context in
            try await history(request, try context.caller(.read))
        }
    }

    /// What is missing of the last days, without ordering anything.
    private func analyze(_ request: Request) async throws -> Response {
        let reader = JSONReader(try JSONValue(body: try await body.read(request)))
        let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        let days = try reader.optional("required_lookback_days")?.integer(in: 1...90, unit: "days") ?? 15
        var document = try reader.object()
        document["from"] = .string(now.adding(days: -Int(days)).description)
        let order = try SpotHistoryOrder(JSONReader(.object(document)), now: now, defaultRegion: "us-east-1")
        let plan = SpotHistoryPlan(
            try await prices.gaps(
                regions: order.regions,
                instanceTypes: order.instanceTypes,
                products: order.products,
                wanted: order.from.date..<order.until.date
            )
        )
        let seconds = plan.windows.reduce(0) { $0 + $1.until.timeIntervalSince($1.from) }
        let reply: JSONValue = [
            "current_date": .string(now.description), "required_lookback_days": .integer(days),
            "gap_days": .rounded(seconds / 86_400 / Double(max(1, order.regions.count)), 2),
            "required_data_types": ["spot_prices"], "estimated_records": .integer(Int64(plan.expectedRows)),
            "estimated_duration_minutes": .integer(Int64(plan.expectedMinutes(callsPerSecond: callRate))),
            "gaps": .array(
                plan.windows.map {
                    [
                        "region": .string($0.region), "instance_types": .array($0.instanceTypes.map { .string($0) }),
                        "from": .string($0.from.rfc3339), "until": .string($0.until.rfc3339),
                    ]
                }
            ),
        ]
        return Response(json: reply.text())
    }

    private func fill(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let bytes = try await body.read(request)
        let reader = JSONReader(try JSONValue(body: bytes))
        for name in ["instance_types", "regions", "gap_start_date", "gap_end_date"] {
            _ = try reader.required(name)
        }
        let order = try SpotHistoryOrder(reader, now: Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970))
        guard !order.instanceTypes.isEmpty else {
            throw APIError(
                .missingField,
                "instance_types names none",
                field: "instance_types",
                hint: "Send at least one."
            )
        }
        var job = NewJob(tenant: caller.tenant, kind: .spotHistory, payload: order.json.text(.canonical))
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: .spotHistory, body: bytes)
        let plan = SpotHistoryPlan(
            try await prices.gaps(
                regions: order.regions,
                instanceTypes: order.instanceTypes,
                products: order.products,
                wanted: order.from.date..<order.until.date
            )
        )
        let receipt = try await jobs.intake.accept(job)
        let reply: JSONValue = [
            "gap_id": .string(receipt.id.description), "job_id": .string(receipt.id.description), "status": "filling",
            "estimated_duration_minutes": .integer(Int64(plan.expectedMinutes(callsPerSecond: callRate))),
            "estimated_records": .integer(Int64(plan.expectedRows)),
        ]
        return Response(
            .accepted,
            json: reply.text(),
            headers: [.location: "/api/v1/ml/gap-filler/status/\(receipt.id)"]
        )
    }

    private func status(_ text: String, _ caller: Identity) async throws -> Response {
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a gap id", field: "gap_id")
        }
        let tenant = caller.may(.admin) ? nil : caller.tenant
        guard let record = try await jobs.ledger.job(id, tenant: tenant), record.kind == JobKind.spotHistory.name else {
            throw APIError(.jobNotFound, "there is no gap \(id)", field: "gap_id")
        }
        return Response(json: try await GapStatus(record, jobs.ledger).json.text())
    }

    private func history(_ request: Request, _ caller: Identity) async throws -> Response {
        let query = QueryReader(request)
        try query.refuseOthers(than: ["limit", "offset", "after"])
        var filter = JobFilter()
        filter.tenant = caller.may(.admin) ? nil : caller.tenant
        filter.kind = JobKind.spotHistory.name
        let limit = try query.integer("limit", default: 20, in: 1...200)
        let offset = try query.integer("offset", default: 0, in: 0...10_000)
        let page = try await jobs.ledger.jobs(filter, after: try query.jobID("after"), limit: limit + offset)
        var entries: [JSONValue] = []
        for job in page.jobs.dropFirst(offset) {
            guard let record = try await jobs.ledger.job(job.id, tenant: filter.tenant) else { continue }
            entries.append(try await GapStatus(record, jobs.ledger).json)
        }
        return Response(json: JSONValue.array(entries).text())
    }
}

/// A gap-filling job as the dashboard polls it.
private struct GapStatus {
    let json: JSONValue

    init(_ record: JobRecord, _ ledger: JobLedger) async throws {
        let result = record.result.flatMap { try? JSONParser.parse($0) } ?? .null
        let progress = record.progress.flatMap { try? JSONParser.parse($0) } ?? .null
        var filled = result["records_filled"]?.integer ?? 0
        if !record.state.isTerminal {
            filled = try await ledger.results(ofChildrenOf: record.id).reduce(0) { sum, text in
                sum + ((try? JSONParser.parse(text))?["inserted"]?.integer ?? 0)
            }
        }
        var body: JSONObject = [
            "gap_id": .string(record.id.description), "status": .string(Self.word(record, result)),
            "percent_complete": record.state == .succeeded ? 100 : (progress["percent"] ?? 0),
            "records_filled": .integer(filled),
            "windows_done": progress["done"] ?? result["windows"] ?? nil,
            "windows_total": progress["total"] ?? result["windows"] ?? nil,
            "eta_seconds": progress["eta_seconds"] ?? nil,
            "accepted_at": .string(record.acceptedAt.rfc3339),
            "started_at": .optional(record.startedAt?.rfc3339), "completed_at": .optional(record.finishedAt?.rfc3339),
            "error_message": .optional(record.failure?.message),
        ]
        if let unfillable = result["unfillable"], !unfillable.isNull { body["unfillable"] = unfillable }
        json = .object(body)
    }

    /// A gap whose older part AWS does not keep any more is never called completed.
    private static func word(_ record: JobRecord, _ result: JSONValue) -> String {
        switch record.state {
        case .scheduled, .queued: "pending"
        case .running, .retrying: "filling"
        case .succeeded: result["status"]?.string ?? "completed"
        case .failed, .dead: "failed"
        case .cancelled: "cancelled"
        }
    }
}
