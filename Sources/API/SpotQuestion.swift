import Contract
import Engines
import FoundationEssentials
import Predictions
import Registry

/// One spot pool that a prediction is asked for.
struct SpotQuestion: Sendable {
    let instanceType: String
    let region: String
    let zone: String
    /// USD per hour; nil takes the stored price.
    let spotPrice: Double?
    let moment: Timestamp

    /// - Throws: 422 with the field at fault.
    init(_ body: JSONReader, defaultRegion: String) throws(APIError) {
        instanceType = try body.required("instance_type", hint: "Send a type such as m5.large.").string(
            maximumLength: 60
        )
        let place = try body.first(of: ["az", "availability_zone", "zone"])
        let zone = try place.map { (zone) throws(APIError) in try zone.string(maximumLength: 60) }
        let derived = zone.map { String($0.dropLast($0.last?.isLetter == true ? 1 : 0)) }
        region =
            try body.optional("region").map { (region) throws(APIError) in try region.string(maximumLength: 60) }
            ?? derived ?? defaultRegion
        self.zone = zone ?? region + "a"
        spotPrice = try body.optional("spot_price").map { (price) throws(APIError) in
            try price.number(in: 0.000_001...10_000, unit: "USD per hour")
        }
        moment =
            try body.first(of: ["launch_time", "timestamp"]).map { (time) throws(APIError) in try time.timestamp() }
            ?? Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
    }

    /// The same pool meets the same canary.
    var key: String { "\(instanceType)|\(zone)" }

    var json: JSONValue {
        [
            "instance_type": .string(instanceType), "region": .string(region), "availability_zone": .string(zone),
            "spot_price": spotPrice.map { .double($0) } ?? .null, "launch_time": .string(moment.description),
        ]
    }

    func answer(
        _ prediction: SpotPrediction,
        by model: RunningModel?,
        market: RegionMarket,
        onDemand: Double?,
        microseconds: Int
    ) -> JSONValue {
        let isModel = prediction.source == .model
        return [
            "interruption_probability": prediction.interruptionProbability.map { .rounded($0, 6) } ?? .null,
            "confidence": .rounded(prediction.confidence, 4), "recommendation": .string(prediction.recommendation),
            "predicted_price": prediction.predictedPrice.map { .rounded($0, 6) } ?? .null,
            "on_demand_price": onDemand.map { .rounded($0, 6) } ?? .null,
            "source": .string(prediction.source.rawValue), "uses_fallback": .bool(!isModel),
            "model_id": .optional(isModel ? model?.record.idText : nil),
            "model_version": .optional(isModel ? model?.record.version : nil),
            "model_sha256": .optional(isModel ? model?.record.sha256.hexadecimal : nil),
            "data_sources": .array(market.sources.map(\.json)),
            "warnings": .array(prediction.warnings.map(JSONValue.string)),
            "processing_time_us": .integer(Int64(microseconds)),
        ]
    }
}
