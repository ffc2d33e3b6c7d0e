package import Contract

/// Finds disks that nothing uses any more, and gp2 disks that would cost less as gp3.
///
/// A disk is deleted only when it is known since when it has been unattached, that is long enough ago, no supplied
/// cluster refers to it, and no tag keeps it; with a snapshot, after a notice, and with a human's approval.
package struct VolumeCleanup: DecisionEngine {
    package static let type = DecisionType.volumeCleanup
    package static let version = "1.0.1"

    let request: VolumeRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try VolumeRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey {
        var key = MarketKey(region: request.region, regionField: request.regionField)
        key.isOptional = true
        return key
    }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        let isCovered = market.region == request.region
        let services = ServiceTariff(isCovered ? market.services : ServicePrices(), request.servicePrices)
        return VolumeAnswer(
            request: request,
            evaluation: VolumeEvaluation(request, services, now: now),
            services: services,
            market: market,
            now: now
        ).decision
    }
}
