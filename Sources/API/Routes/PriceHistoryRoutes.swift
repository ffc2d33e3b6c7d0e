import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Pricing

/// `/pricing/spot`, `/pricing/on-demand`, `/pricing/stats`, `/pricing/coverage`: what is stored, for programs, tables and charts.
struct PriceHistoryRoutes {
    /// Tables come as CSV to those who ask for it.
    private static let mostRows = 10_000
    /// A screen is no wider.
    private static let mostBuckets = 2_000
    /// AWS publishes On-Demand prices every few days: a minute without asking hides nothing.
    private static let steadyFor = 60

    let prices: PriceStore

    func add(to group: RouterGroup<APIContext>) {
        group.get("pricing/spot") { request, context in
            _ = try context.caller(.read)
            return try await spot(request)
        }
        group.get("pricing/on-demand") { request, context in
            _ = try context.caller(.read)
            return try await onDemand(request)
        }
        group.get("pricing/stats") { request, context in
            _ = try context.caller(.read)
            return KeptAnswer(body: try await prices.statistics().json.bytes()).response(to: request)
        }
        group.get("pricing/coverage") { request, context in
            _ = try context.caller(.read)
            let query = QueryReader(request)
            try query.refuseOthers(than: ["region"])
            let stretches = try await prices.coverage(region: query.text("region"))
            return KeptAnswer(body: JSONValue.array(stretches.map(\.json)).bytes()).response(to: request)
        }
    }

    // MARK: Spot prices

    private static let spotNames: Set<String> = [
        "instance_type", "region", "availability_zone", "az", "product_description", "start_date", "end_date", "limit",
        "after", "buckets",
    ]

    private func spot(_ request: Request) async throws -> Response {
        let query = QueryReader(request)
        try query.refuseOthers(than: Self.spotNames)
        var filter = SpotPriceFilter(
            region: try query.required("region"),
            instanceType: try query.required("instance_type")
        )
        filter.zone = query.text("availability_zone") ?? query.text("az")
        filter.product = query.text("product_description")
        filter.from = try query.day("start_date")
        filter.until = try query.day("end_date", endOfDay: true)
        if query.text("buckets") != nil { return try await buckets(request, query, filter) }
        let limit = try query.integer("limit", default: 1000, in: 1...Self.mostRows)
        let rows = try await prices.spotPrices(filter, limit: limit + 1, after: try Self.cursor(query.text("after")))
        let page = Array(rows.prefix(limit))
        var headers = HTTPFields()
        if rows.count > limit, let last = page.last {
            let place = "\(Int64((last.at.timeIntervalSince1970 * 1_000_000).rounded()))/\(last.poolID)"
            headers[.link] = query.link(request.uri.path, Self.spotNames, limit: limit, after: place)
        }
        guard Self.wantsCSV(request) else {
            let body = JSONValue.array(page.map { $0.json(filter) }).bytes()
            return KeptAnswer(body: body, headers: headers).response(to: request)
        }
        let table = CSVTable(
            ["instance_type", "availability_zone", "region", "spot_price", "timestamp", "product_description"],
            page.map {
                [filter.instanceType, $0.zone, filter.region, $0.price.description, $0.at.rfc3339, $0.product]
            }
        )
        return KeptAnswer(csv: table, headers: headers).response(to: request)
    }

    private func buckets(_ request: Request, _ query: QueryReader, _ filter: SpotPriceFilter) async throws -> Response {
        var filter = filter
        let until = filter.until ?? Date()
        let from = filter.from ?? until.addingTimeInterval(-7 * 86_400)
        guard from < until else {
            throw APIError(.invalidValue, "end_date lies before start_date", field: "end_date")
        }
        (filter.from, filter.until) = (from, until)
        let count = try query.integer("buckets", default: 300, in: 1...Self.mostBuckets)
        let buckets = try await prices.spotPriceBuckets(filter, buckets: count)
        let reply: JSONValue = [
            "instance_type": .string(filter.instanceType), "region": .string(filter.region),
            "statistic": "lowest, highest and last price set within each bucket; a bucket without one is left out",
            "bucket_seconds": .rounded(until.timeIntervalSince(from) / Double(count), 3),
            "from": .string(from.rfc3339), "until": .string(until.rfc3339),
            "points": .array(buckets.map(\.json)),
        ]
        return KeptAnswer(body: reply.bytes()).response(to: request)
    }

    private static func cursor(_ text: String?) throws(APIError) -> (at: Date, poolID: Int64)? {
        guard let text else { return nil }
        let parts = text.split(separator: "/").compactMap { Int64($0) }
        guard parts.count == 2 else {
            throw APIError(
                .invalidValue,
                "after is not a place in this list",
                field: "after",
                hint: "Follow the Link header of the page before."
            )
        }
        return (Date(timeIntervalSince1970: Double(parts[0]) / 1_000_000), parts[1])
    }

    // MARK: On-Demand prices

    private static let onDemandNames: Set<String> = ["instance_type", "region", "limit", "after"]

    private func onDemand(_ request: Request) async throws -> Response {
        let query = QueryReader(request)
        try query.refuseOthers(than: Self.onDemandNames)
        let limit = try query.integer("limit", default: 1000, in: 1...Self.mostRows)
        var place: (region: String, instanceType: String, operatingSystem: String)?
        if let text = query.text("after") {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else {
                throw APIError(.invalidValue, "after is not a place in this list", field: "after")
            }
            place = (parts[0], parts[1], parts[2])
        }
        let rows = try await prices.onDemandPrices(
            region: query.text("region"),
            instanceType: query.text("instance_type"),
            limit: limit + 1,
            after: place
        )
        let page = Array(rows.prefix(limit))
        var headers = HTTPFields()
        if rows.count > limit, let last = page.last {
            let place = "\(last.region)/\(last.instanceType)/\(last.operatingSystem)"
            headers[.link] = query.link(request.uri.path, Self.onDemandNames, limit: limit, after: place)
        }
        guard Self.wantsCSV(request) else {
            let body = JSONValue.array(page.map(\.json)).bytes()
            return KeptAnswer(body: body, maxAge: Self.steadyFor, headers: headers).response(to: request)
        }
        let table = CSVTable(
            ["instance_type", "region", "operating_system", "hourly_price", "currency", "effective_date"],
            page.map {
                [
                    $0.instanceType, $0.region, $0.operatingSystem, $0.price.description, $0.currency,
                    $0.effectiveDate ?? "",
                ]
            }
        )
        return KeptAnswer(csv: table, headers: headers).response(to: request)
    }

    private static func wantsCSV(_ request: Request) -> Bool {
        request.headers[values: .accept].contains { $0.lowercased().contains("text/csv") }
    }
}

extension StoredSpotPrice {
    fileprivate func json(_ filter: SpotPriceFilter) -> JSONValue {
        [
            "instance_type": .string(filter.instanceType), "availability_zone": .string(zone), "az": .string(zone),
            "region": .string(filter.region), "spot_price": .double(price.amount), "timestamp": .string(at.rfc3339),
            "product_description": .string(product),
        ]
    }
}

extension SpotPriceBucket {
    fileprivate var json: JSONValue {
        [
            "availability_zone": .string(zone), "product_description": .string(product), "at": .string(at.rfc3339),
            "min": .double(lowest.amount), "max": .double(highest.amount), "last": .double(last.amount),
            "count": .integer(Int64(count)),
        ]
    }
}

extension PriceStretch {
    fileprivate var json: JSONValue {
        [
            "region": .string(region), "instance_type": instanceType.isEmpty ? .null : .string(instanceType),
            "product_description": product.isEmpty ? .null : .string(product), "from": .string(from.rfc3339),
            "until": .string(until.rfc3339),
        ]
    }
}

extension PriceStore.StoredOnDemandPrice {
    fileprivate var json: JSONValue {
        [
            "instance_type": .string(instanceType), "region": .string(region), "hourly_price": .double(price.amount),
            "operating_system": .string(operatingSystem), "currency": .string(currency),
            "effective_date": .optional(effectiveDate),
        ]
    }
}

extension PriceStatistics {
    fileprivate var json: JSONValue {
        [
            "spot_prices_count": .integer(Int64(spotPrices)), "on_demand_prices_count": .integer(Int64(onDemandPrices)),
            "spot_advisor_count": .integer(Int64(spotAdvisorRows)), "last_updated": .optional(lastUpdated?.rfc3339),
            "coverage": [
                "instance_types": .integer(Int64(instanceTypes)), "regions": .integer(Int64(regions)),
                "date_range": [
                    "oldest": .optional(oldestSpotPrice?.rfc3339), "newest": .optional(newestSpotPrice?.rfc3339),
                ],
            ],
        ]
    }
}
