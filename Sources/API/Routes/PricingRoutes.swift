import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Pricing

/// `/pricing/*`: what is stored, and fetching it anew.
struct PricingRoutes {
    let jobs: JobGateway
    let body: RequestBody
    let prices: PriceStore
    let cache: PriceCache
    let defaultRegion: String

    func add(to group: RouterGroup<APIContext>) {
        group.get("pricing/spot-advisor") { request, context in
            _ = try context.caller(.read)
            return try await spotAdvisor(request)
        }
        group.post("pricing/fetch") { request, context in
            try await fetch(request, context)
        }
    }

    /// A bare array, as the callers' client reads it; a `Link` header leads to the next page.
    private func spotAdvisor(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        func text(_ name: String) throws(APIError) -> String? {
            guard let text = query[name[...]] else { return nil }
            guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw APIError(.invalidValue, "\(name) must not contain control characters", field: name)
            }
            return String(text)
        }
        let limit = try Self.limit(try text("limit"))
        let filter = PriceStore.SpotAdvisorFilter(
            region: try text("region"),
            operatingSystem: try text("operating_system"),
            instanceType: try text("instance_type")
        )
        let (path, place) = (request.uri.path, try text("after"))
        let after = try Self.cursor(place)
        let parts = [filter.region, filter.operatingSystem, filter.instanceType, "\(limit)", place]
        // The first line of a document is the way to the next page.
        let document = try await cache.document(
            "advisor:" + parts.map { ($0 ?? "").percentEncoded }.joined(separator: ":"),
            outdatedBy: .spotAdvisor
        ) { [prices] in
            let page = try await prices.listSpotAdvisor(filter, limit: limit + 1, after: after)
            let rows = page.prefix(limit)
            let next = page.count > limit ? rows.last.map { Self.next(path, filter, limit, after: $0.row) } : nil
            return Array("\(next ?? "")\n".utf8) + JSONValue.array(rows.map(\.json)).bytes()
        }
        let end = document.bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 0
        var answer = KeptAnswer(
            body: Array(document.bytes[min(end + 1, document.bytes.count)...]),
            maxAge: Self.steadyFor,
            readAt: document.readAt
        )
        if end > 0 {
            answer.headers[.link] = "<\(String(decoding: document.bytes[..<end], as: UTF8.self))>; rel=\"next\""
        }
        return answer.response(to: request)
    }

    /// The feed changes hourly at most.
    private static let steadyFor = 60

    private func fetch(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.submit)
        let bytes = try await body.read(request)
        let (kind, payload, records) = try order(bytes)
        var job = NewJob(tenant: caller.tenant, kind: kind, payload: payload.text(.canonical))
        job.requestID = context.requestID
        job.traceparent = TraceParent(request.headers)?.text
        job.idempotency = try IdempotencyKey(request, kind: kind, body: bytes)
        let receipt = try await jobs.intake.accept(job)
        let reply: JSONValue = [
            "task_id": .string(receipt.id.description), "job_id": .string(receipt.id.description), "status": "queued",
            "estimated_records": .integer(Int64(records)),
        ]
        return Response(
            status: .accepted,
            headers: [
                .contentType: "application/json; charset=utf-8", .location: "/api/v1/ml/jobs/\(receipt.id)",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: reply.bytes()))
        )
    }

    /// The spot price history is a job of many parts; the other sources come whole, in one.
    private func order(_ bytes: [UInt8]) throws(APIError) -> (kind: JobKind, payload: JSONValue, records: Int) {
        let document = try JSONValue(body: bytes)
        guard document["data_type"] == "spot_prices" else {
            let order = try PriceFetchOrder(body: bytes, defaultRegion: defaultRegion)
            return (.pricingFetch, order.json, order.estimatedRecords)
        }
        let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        let order = try SpotHistoryOrder(JSONReader(document), now: now, defaultRegion: defaultRegion)
        let wanted = order.regions.map {
            PriceStretch(region: $0, from: order.from.date, until: order.until.date)
        }
        return (.spotHistory, order.json, SpotHistoryPlan(wanted).expectedRows())
    }

    private static func limit(_ text: String?) throws(APIError) -> Int {
        // A region has some 2,000 rows: callers who know nothing of pages get it whole.
        guard let text else { return 10_000 }
        guard let limit = Int(text), (1...10_000).contains(limit) else {
            throw APIError(.invalidValue, "limit must be a whole number from 1 to 10000", field: "limit")
        }
        return limit
    }

    /// A row's key as `region/operating system/type`.
    private static func cursor(_ text: String?) throws(APIError) -> SpotAdvisorRow? {
        guard let text else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else {
            throw APIError(
                .invalidValue,
                "after is not a place in this list",
                field: "after",
                hint: "Follow the Link header of the page before."
            )
        }
        return SpotAdvisorRow(
            region: parts[0],
            operatingSystem: parts[1],
            instanceType: parts[2],
            rateIndex: 0,
            label: "",
            maxPercent: 0,
            savings: 0
        )
    }

    /// Only parameters known here go into the header, encoded again: a caller's text must not become part of it as it is.
    private static func next(
        _ path: String,
        _ filter: PriceStore.SpotAdvisorFilter,
        _ limit: Int,
        after row: SpotAdvisorRow
    ) -> String {
        let parameters = [
            ("region", filter.region), ("operating_system", filter.operatingSystem),
            ("instance_type", filter.instanceType),
            ("limit", "\(limit)"), ("after", "\(row.region)/\(row.operatingSystem)/\(row.instanceType)"),
        ]
        let query = parameters.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
        return "\(path)?\(query.joined(separator: "&"))"
    }
}

extension PriceStore.StoredSpotAdvisorRow {
    fileprivate var json: JSONValue {
        [
            "instance_type": .string(row.instanceType), "region": .string(row.region),
            "operating_system": .string(row.operatingSystem), "interruption_rate": .string(row.label),
            "rate_index": .integer(Int64(row.rateIndex)), "savings_over_od": .integer(Int64(row.savings)),
            "last_updated": .string(Timestamp(secondsSinceEpoch: lastUpdated.timeIntervalSince1970).description),
        ]
    }
}
