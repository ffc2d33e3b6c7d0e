package import Contract
package import FoundationEssentials

/// What a refresh of models is to fetch: recent prices, so that features are computed from complete data.
///
/// Models are never trained here; what is refreshed are the prices that their features look back over.
package struct RefreshOrder: Sendable {
    package enum Origin: String, Sendable, CaseIterable {
        case manual, scheduled, auto
    }

    /// Nil: every model that is active when it runs.
    package let model: UUID?
    /// The stretch, regions and types.
    package let prices: SpotHistoryOrder
    /// Whether the model is activated once its data is there and its gates pass.
    package let autoActivate: Bool
    package let origin: Origin

    /// Reads a request, or the payload it became.
    ///
    /// - Parameters:
    ///   - reader: `model_id`, `refresh_from_date` and `refresh_to_date` or `lookback_days`, `instance_types`, `regions`,
    ///     `auto_activate`.
    ///   - now: Stands in for an end that is not named.
    ///   - defaultRegion: Stands in where no region is named; nil requires one.
    /// - Throws: 422 with field and hint.
    package init(_ reader: JSONReader, now: Timestamp, defaultRegion: String? = nil) throws(APIError) {
        if let field = try reader.optional("model_id") {
            let text = try field.string(maximumLength: 36)
            guard text.utf8.count == 36, let id = UUID(uuidString: text) else {
                throw field.invalid("is not the shape of a model's id", code: .malformedID)
            }
            model = id
        } else {
            model = nil
        }
        var document = try reader.object()
        if let from = try reader.first(of: ["refresh_from_date", "from"]) { document["from"] = from.value }
        if let until = try reader.first(of: ["refresh_to_date", "until"]) { document["until"] = until.value }
        document["model_id"] = model.map { .string($0.uuidString.lowercased()) }
        prices = try SpotHistoryOrder(JSONReader(.object(document)), now: now, defaultRegion: defaultRegion)
        autoActivate = try reader.optional("auto_activate").map { (flag) throws(APIError) in try flag.bool() } ?? false
        let origin = try reader.optional("refresh_type").map { (type) throws(APIError) in try type.string() }
        self.origin = origin.flatMap(Origin.init) ?? .manual
    }

    /// As stored in the job.
    package func json(_ origin: Origin? = nil) -> JSONValue {
        var json = prices.json.object ?? [:]
        json["model_id"] = .optional(model?.uuidString.lowercased())
        json["auto_activate"] = .bool(autoActivate)
        json["refresh_type"] = .string((origin ?? self.origin).rawValue)
        return .object(json)
    }
}
