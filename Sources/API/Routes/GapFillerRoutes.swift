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
    let defaultRegion: String
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
        group.post("gap-filler/cancel/:id") { _, context in
            try await cancel(try context.parameters.require("id"), try context.caller(.submit))
        }
        group.get("gap-filler/history") { request, context in
            try await history(request, try context.caller(.read))
        }
    }

    /// What is missing of the last days, or since a model was trained, without ordering anything.
    private func analyze(_ request: Request) async throws -> Response {
        let reader = JSONReader(try JSONValue(body: try await body.read(request)))
        let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        let days = Int(try reader.optional("required_lookback_days")?.integer(in: 1...90, unit: "days") ?? 15)
        let modelID = try reader.optional("model_id")?.string(maximumLength: 64)
        let trainedUntil = try await self.trainedUntil(modelID)
        var document = try reader.object()
        document["from"] = .string(min(now.adding(days: -days), trainedUntil ?? now).description)
        let order = try SpotHistoryOrder(JSONReader(.object(document)), now: now, defaultRegion: defaultRegion)
        let oldest = now.adding(days: -Int(SpotHistoryPlan.retention / 86_400))
        let regions = try await prices.regionNames(order.regions, all: SpotHistoryOrder.everyRegion)
        let types = try await self.types(order)
        let plan = SpotHistoryPlan(
            try await prices.gaps(
                regions: regions,
                instanceTypes: types,
                products: order.products,
                wanted: max(order.from, oldest).date..<max(order.until, oldest.adding(days: 1)).date
            ),
            products: order.products
        )
        let experience = SpotFetchExperience(results: try await jobs.ledger.recentResults(ofChildrenOf: .spotWindow))
        var reply: JSONObject = [
            "model_id": .optional(modelID), "trained_until": .optional(trainedUntil?.description),
            "current_date": .string(now.description), "required_lookback_days": .integer(Int64(days)),
            "gap_days": .rounded(Self.days(plan) / Double(max(1, regions.count)), 2),
            "required_data_types": ["spot_prices", "on_demand_prices"],
            "estimated_records": .integer(Int64(plan.expectedRows(experience))),
            "estimated_duration_minutes": .integer(
                Int64(plan.expectedMinutes(callsPerSecond: callRate, experience))
            ),
            "gaps": .array(plan.windows.map(Self.json)),
        ]
        if order.from < oldest {
            reply["unfillable"] = [
                "from": .string(order.from.description), "until": .string(oldest.description),
                "reason": "AWS keeps the spot price history for 90 days; what is older cannot be had any more",
            ]
        }
        return Response(json: JSONValue.object(reply).text())
    }

    /// The order's types, names for patterns.
    private func types(_ order: SpotHistoryOrder) async throws -> [String] {
        let (names, unmatched) = try await prices.typeNames(matching: order.instanceTypes)
        guard let pattern = unmatched.first else { return names }
        throw APIError(
            .invalidValue,
            "\(pattern) matches none of the known instance types",
            field: "instance_types",
            hint: "Send names such as m5.large, or patterns such as m5.*; load a catalogue if there is none yet."
        )
    }

    /// The moment until which a model has seen prices; nil without a model.
    private func trainedUntil(_ modelID: String?) async throws -> Timestamp? {
        guard let modelID else { return nil }
        guard UUID(uuidString: modelID) != nil else {
            throw APIError(.malformedID, "\(modelID) is not the shape of a model id", field: "model_id")
        }
        if let moment = try await prices.trainedUntil(modelID: modelID) { return moment }
        throw APIError(
            .notFound,
            "there is no model \(modelID)",
            field: "model_id",
            hint: "GET /api/v1/ml/models/list names the models; without model_id the last days are looked at."
        )
    }

    /// Days that are missing, the longest of the types' gaps in each region.
    private static func days(_ plan: SpotHistoryPlan) -> Double {
        var moments: [String: [(Date, Date)]] = [:]
        for window in plan.windows { moments[window.region, default: []].append((window.from, window.until)) }
        var seconds = 0.0
        for stretches in moments.values {
            var reached = Date.distantPast
            for (from, until) in stretches.sorted(by: { $0.0 < $1.0 }) where until > reached {
                seconds += until.timeIntervalSince(max(from, reached))
                reached = until
            }
        }
        return seconds / 86_400
    }

    private static func json(_ window: SpotPriceWindow) -> JSONValue {
        [
            "region": .string(window.region), "instance_types": .array(window.instanceTypes.map { .string($0) }),
            "from": .string(window.from.rfc3339), "until": .string(window.until.rfc3339),
        ]
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
        let types = try await self.types(order)
        var job = NewJob(tenant: caller.tenant, kind: .spotHistory, payload: order.json.text(.canonical))
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: .spotHistory, body: bytes)
        let plan = SpotHistoryPlan(
            try await prices.gaps(
                regions: try await prices.regionNames(order.regions, all: SpotHistoryOrder.everyRegion),
                instanceTypes: types,
                products: order.products,
                wanted: order.from.date..<order.until.date
            ),
            products: order.products
        )
        let experience = SpotFetchExperience(results: try await jobs.ledger.recentResults(ofChildrenOf: .spotWindow))
        let receipt = try await jobs.intake.accept(job)
        let reply: JSONValue = [
            "gap_id": .string(receipt.id.description), "job_id": .string(receipt.id.description), "status": "filling",
            "estimated_duration_minutes": .integer(Int64(plan.expectedMinutes(callsPerSecond: callRate, experience))),
            "estimated_records": .integer(Int64(plan.expectedRows(experience))),
        ]
        return Response(
            .accepted,
            json: reply.text(),
            headers: [.location: "/api/v1/ml/gap-filler/status/\(receipt.id)"]
        )
    }

    private func status(_ text: String, _ caller: Identity) async throws -> Response {
        Response(json: try await GapStatus(try await find(text, caller), jobs.ledger, withLog: true).json.text())
    }

    /// Ends a filling; what is in stays.
    ///
    /// The same order, sent again, goes on where it ended.
    private func cancel(_ text: String, _ caller: Identity) async throws -> Response {
        let record = try await find(text, caller)
        guard !record.state.isTerminal else {
            throw APIError(
                .conflict,
                "the filling has ended as \(record.state.rawValue)",
                field: "gap_id",
                hint: "Nothing is left to cancel."
            )
        }
        try await jobs.cancel(record.id, tenant: record.tenant)
        let now = try await find(text, caller)
        let json = try await GapStatus(now, jobs.ledger, withLog: true).json
        return Response(now.state.isTerminal ? .ok : .accepted, json: json.text())
    }

    private func find(_ text: String, _ caller: Identity) async throws -> JobRecord {
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a gap id", field: "gap_id")
        }
        let tenant = caller.may(.admin) ? nil : caller.tenant
        guard let record = try await jobs.ledger.job(id, tenant: tenant), record.kind == JobKind.spotHistory.name else {
            throw APIError(.jobNotFound, "there is no gap \(id)", field: "gap_id")
        }
        return record
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
            entries.append(try await GapStatus(record, jobs.ledger, withLog: false).json)
        }
        return Response(json: JSONValue.array(entries).text())
    }
}
