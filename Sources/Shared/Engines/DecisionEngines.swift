package import Contract

/// What can be said of a request without the prices an engine works on.
package enum DecisionEngines {
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
