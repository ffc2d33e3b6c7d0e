package import Contract

/// The engines that exist, by the decision they take.
package enum DecisionEngines {
    /// The decisions this build can take.
    package static let available: [DecisionType] = [.spotOptimize]

    /// Checks everything about a request that can be checked without prices, so that the API refuses what a worker
    /// would refuse later.
    ///
    /// - Throws: 422 with field and hint.
    package static func validate(_ request: DecisionRequest, defaultRegion: String) throws(APIError) {
        switch request.type {
        case .spotOptimize: _ = try SpotRequest(request, defaults: .init(region: defaultRegion))
        default: return
        }
    }
}
