import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Pricing

/// `GET /pricing/spot/latest`: what a type costs now, in every zone of a region, and how fresh that knowledge is.
struct LatestPriceRoutes {
    let prices: PriceStore
    let cache: PriceCache

    func add(to group: RouterGroup<APIContext>) {
        group.get("pricing/spot/latest") { request, context in
            _ = try context.caller(.read)
            return try await latest(request)
        }
    }

    private func latest(_ request: Request) async throws -> Response {
        let query = QueryReader(request)
        try query.refuseOthers(than: ["instance_type", "region"])
        let (region, type) = (try query.required("region"), try query.required("instance_type"))
        guard [region, type].allSatisfy({ $0.utf8.count <= 64 }) else {
            throw APIError(.invalidValue, "no name is that long", field: "instance_type")
        }
        let document = try await cache.document(
            "latest:\(region.percentEncoded):\(type.percentEncoded)",
            outdatedBy: .spotPrices(region: region)
        ) { [prices] in
            let rows = try await prices.latestSpotPrices(region: region, instanceType: type)
            return Self.json(rows, region, type).bytes()
        }
        return KeptAnswer(body: document.bytes, readAt: document.readAt).response(to: request)
    }

    private static func json(_ rows: [LatestSpotPrice], _ region: String, _ type: String) -> JSONValue {
        [
            "instance_type": .string(type), "region": .string(region),
            // When a fetch has last found all of these prices to hold; nil without any.
            "confirmed_at": .optional(rows.map(\.confirmedAt).min()?.rfc3339),
            "prices": .array(
                rows.map { row in
                    [
                        "availability_zone": .string(row.zone), "az_id": .optional(row.zoneID),
                        "product_description": .string(row.product), "spot_price": .double(row.price.amount),
                        "since": .string(row.since.rfc3339), "confirmed_at": .string(row.confirmedAt.rfc3339),
                    ]
                }
            ),
        ]
    }
}
