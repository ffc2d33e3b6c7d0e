import Contract

extension VolumeRequest {
    init(_ request: DecisionRequest, defaults: EngineDefaults) throws(APIError) { self.init() }
}
