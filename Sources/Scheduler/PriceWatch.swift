import Contract
import FoundationEssentials
import Jobs
import Logging
import Pricing
import Settings
import Synchronization

/// Has public prices fetched when there are none, or when they are older than their interval.
///
/// Any number may watch: the idempotency key names the slot of time a fetch belongs to, so each slot makes one job.
struct PriceWatch {
    /// The tenant of what nobody asked for.
    private static let tenant = "system"
    /// While a source has never been loaded, a failed fetch is tried again this soon.
    private static let emptyRetry: Duration = .seconds(300)
    /// The offer file is published every few weeks, and is hundreds of megabytes long.
    private static let onDemandInterval: Duration = .seconds(86_400)
    /// AWS adds types a few times a month.
    private static let catalogueInterval: Duration = .seconds(86_400)

    private static let gapInterval: Duration = .seconds(86_400)

    let intake: JobIntake
    let prices: PriceStore
    let settings: PricingSettings
    /// Whether EC2 itself can be asked.
    let hasCredentials: Bool
    let logger: Logger
    private let filled = LastSlot()

    /// The day whose job this process knows to be there: asking the ledger every few seconds would be a waste.
    private final class LastSlot: Sendable {
        let slot = Mutex(0)
    }

    init(
        intake: JobIntake,
        prices: PriceStore,
        settings: PricingSettings,
        hasCredentials: Bool,
        logger: Logger
    ) {
        self.intake = intake
        self.prices = prices
        self.settings = settings
        self.hasCredentials = hasCredentials
        self.logger = logger
    }

    func step() async throws -> Duration {
        let sources = try await prices.sources()
        try await fetchIfDue(
            "spot_advisor",
            sources.first { $0.name == PriceSourceStatus.spotAdvisor },
            every: settings.spotAdvisorInterval,
            payload: ["data_type": "spot_advisor"]
        )
        try await fetchIfDue(
            "on_demand_prices",
            sources.first { $0.name == PriceSourceStatus.onDemand && $0.region == settings.region },
            every: Self.onDemandInterval,
            payload: ["data_type": "on_demand_prices", "regions": [.string(settings.region)]]
        )
        if hasCredentials {
            try await fetchIfDue(
                "instance_types",
                sources.first { $0.name == PriceSourceStatus.instanceTypes && $0.region == settings.region },
                every: Self.catalogueInterval,
                payload: ["data_type": "instance_types", "regions": [.string(settings.region)]]
            )
            if settings.gapFiller.isEnabled { try await fillGaps() }
        }
        return .seconds(5)
    }

    /// Once a day the last weeks are completed; what is there already costs no call.
    private func fillGaps() async throws {
        let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
        let order = SpotHistoryOrder(
            regions: settings.gapFiller.regions,
            from: now.adding(days: -settings.gapFiller.lookbackDays),
            until: now
        )
        let slot = Int(now.secondsSinceEpoch / Self.gapInterval.seconds)
        guard slot != filled.slot.withLock({ $0 }) else { return }
        var job = NewJob(tenant: Self.tenant, kind: .spotHistory, payload: order.json.text(.canonical))
        job.idempotency = IdempotencyKey(
            key: "schedule:gap_filler:\(Int(Self.gapInterval.seconds)):\(slot)",
            payloadHash: Array("gap_filler".utf8)
        )
        let receipt = try await intake.accept(job)
        if !receipt.isDuplicate {
            logger.notice("the spot price history is completed", metadata: ["job": "\(receipt.id)"])
        }
        filled.slot.withLock { $0 = slot }
    }

    private func fetchIfDue(
        _ name: String,
        _ status: PriceSourceStatus?,
        every interval: Duration,
        payload: JSONValue
    ) async throws {
        let now = Date()
        if let status, !status.isSample, now.timeIntervalSince(status.confirmedAt) < interval.seconds { return }
        let slotLength = status == nil ? Self.emptyRetry : interval
        let slot = Int(now.timeIntervalSince1970 / slotLength.seconds)
        var job = NewJob(tenant: Self.tenant, kind: .pricingFetch, payload: payload.text(.canonical))
        job.idempotency = IdempotencyKey(
            key: "schedule:\(name):\(Int(slotLength.seconds)):\(slot)",
            payloadHash: Array(job.payload.utf8)
        )
        let receipt = try await intake.accept(job)
        if !receipt.isDuplicate {
            logger.notice("prices are due", metadata: ["source": "\(name)", "job": "\(receipt.id)"])
        }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) }
}
