import Contract
import FoundationEssentials
import Jobs
import Logging
import Pricing

/// Has public prices fetched that were never loaded, again and again until they are: day zero must not wait for the
/// next fire of a schedule.
///
/// Any number may watch: the idempotency key names the slot of time a fetch belongs to, so each slot makes one job.
struct FirstPrices {
    /// A failed fetch is tried again this soon.
    private static let slot: TimeInterval = 300

    let intake: JobIntake
    let prices: PriceStore
    let region: String
    /// Whether EC2 itself can be asked.
    let hasCredentials: Bool
    let logger: Logger

    func step() async throws -> Duration {
        let sources = try await prices.sources()
        func isMissing(_ name: String, in region: String?) -> Bool {
            !sources.contains { $0.name == name && (region == nil || $0.region == region) && !$0.isSample }
        }
        if isMissing(PriceSourceStatus.spotAdvisor, in: nil) {
            try await fetch("spot_advisor", ["data_type": "spot_advisor"])
        }
        if isMissing(PriceSourceStatus.onDemand, in: region) { try await fetchRegion("on_demand_prices") }
        if hasCredentials, isMissing(PriceSourceStatus.instanceTypes, in: region) {
            try await fetchRegion("instance_types")
        }
        return .seconds(5)
    }

    private func fetchRegion(_ type: String) async throws {
        try await fetch(type, ["data_type": .string(type), "regions": [.string(region)]])
    }

    private func fetch(_ name: String, _ payload: JSONValue) async throws {
        let slot = Int(Date().timeIntervalSince1970 / Self.slot)
        var job = NewJob(
            tenant: BuiltinSchedules.tenant,
            kind: .pricingFetch,
            payload: payload.text(.canonical)
        )
        job.idempotency = IdempotencyKey(key: "first:\(name):\(slot)", payloadHash: Array(job.payload.utf8))
        let receipt = try await intake.accept(job)
        if !receipt.isDuplicate {
            logger.notice("prices are missing", metadata: ["source": "\(name)", "job": "\(receipt.id)"])
        }
    }
}
