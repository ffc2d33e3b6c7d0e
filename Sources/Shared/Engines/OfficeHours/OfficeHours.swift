package import Contract

/// Puts workloads to sleep outside their hours, wakes them in time, and says what the nodes freed that way save.
///
/// Production, or what may be production, is never touched; what was asleep wakes with the replicas it had, or not at all.
package struct OfficeHours: DecisionEngine {
    package static let type = DecisionType.schedule
    package static let version = "1.0.1"

    let request: OfficeHoursRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try OfficeHoursRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey {
        var key = MarketKey(region: request.region, regionField: request.regionField)
        key.isOptional = true
        return key
    }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        let tariff = InstanceTariff(market, now: now)
        return OfficeHoursAnswer(
            request: request,
            evaluation: OfficeHoursEvaluation(request, tariff, now: now),
            tariff: tariff,
            market: market,
            now: now
        ).decision
    }
}
