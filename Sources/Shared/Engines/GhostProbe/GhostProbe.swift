package import Contract

/// Finds machines that a cluster started and lost: they run and cost, but are no node of it.
///
/// Calls a machine a ghost only when it carries this cluster's tag, is old enough, has been missing in two scans, and is
/// nothing that is meant to be without a node. A suspicious node list stops every termination.
package struct GhostProbe: DecisionEngine {
    package static let type = DecisionType.ghostProbe
    package static let version = "1.0.1"

    let request: GhostRequest

    package init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) {
        self.request = try GhostRequest(request, defaults: defaults)
    }

    package var marketKey: MarketKey {
        var key = MarketKey(region: request.region, regionField: request.regionField)
        key.isOptional = true
        return key
    }

    package func decide(in market: RegionMarket, now: Timestamp) throws(APIError) -> Decision {
        let evaluation = GhostEvaluation(request, now: now)
        return GhostAnswer(
            request: request,
            evaluation: evaluation,
            costs: GhostCosts(request, market, now: now),
            market: market,
            now: now
        ).decision
    }
}
