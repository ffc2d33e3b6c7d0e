import Contract

extension GhostRequest {
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) { self.init() }
}
