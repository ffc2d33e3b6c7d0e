import Contract

/// A model that comes as several files: the model, its scaler, its label encoders and notes about it.
package enum ModelBundle {
    /// What the notes say.
    package struct Metadata: Sendable {
        package let name: String?
        package let version: String?
        /// Names of the features in their order.
        package let features: [String]?
        package let trainedUntil: String?
        package let metrics: [(name: String, value: Double)]
    }

    /// Reads the files together.
    ///
    /// - Parameters:
    ///   - model: The file that holds the model.
    ///   - scaler: A fitted transformer that rows go through first.
    ///   - encoders: A label encoder, or a dictionary of them.
    ///   - metadata: JSON with `feature_columns` and the like.
    ///   - limits: What reading each of the files may cost.
    /// - Returns: one model that answers rows as they were before scaling.
    /// - Throws: for the first file that is refused, and for files that do not fit each other.
    package static func read(
        model: [UInt8],
        scaler: [UInt8]? = nil,
        encoders: [UInt8]? = nil,
        metadata: [UInt8]? = nil,
        limits: ReadingLimits = ReadingLimits()
    ) throws(ModelRejection) -> (model: LoadedModel, metadata: Metadata?) {
        var loaded = try LoadedModel.read(model, limits: limits)
        if let scaler {
            let transformer = try LoadedModel.read(scaler, limits: limits)
            guard transformer.methods.contains(.transform) else {
                throw ModelRejection(
                    .invalidModel,
                    "the scaler's file holds \(transformer.estimator.name), which does not transform"
                )
            }
            if loaded.estimator is ScaledModel {
                throw ModelRejection(.invalidModel, "the model's file has a scaler of its own already")
            }
            loaded = loaded.with(estimator: try ScaledModel.wrap(loaded.estimator, transformer.estimator))
        }
        if let encoders {
            let read = try LoadedModel.read(encoders, limits: limits)
            switch read.task {
            case .encoders: loaded = loaded.with(encoders: read.encoders)
            case .transformation where read.estimator is LabelEncoder:
                loaded = loaded.with(encoders: [(name: "label_encoder", encoder: read.estimator)])
            default: throw ModelRejection(.invalidModel, "the encoders' file holds no label encoders")
            }
        }
        guard let metadata else { return (loaded, nil) }
        let notes = try self.metadata(metadata)
        if let features = notes.features {
            if let width = loaded.featureCount, width != features.count {
                throw ModelRejection(
                    .invalidModel,
                    "the notes name \(features.count) features, the model takes \(width)"
                )
            }
            if let own = loaded.featureNames, own != features {
                // The model's own names are what its columns are found by; whoever wrote the notes had others in mind.
                loaded = loaded.with(warning: "the notes name other features than the model, whose own names count")
            } else {
                loaded = loaded.with(featureNames: features)
            }
        }
        return (loaded, notes)
    }

    private static func metadata(_ bytes: [UInt8]) throws(ModelRejection) -> Metadata {
        let json: JSONValue
        do { json = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: 4 << 20)) } catch {
            throw ModelRejection(.malformed, "the notes are no JSON")
        }
        guard json.object != nil else { throw ModelRejection(.malformed, "the notes are no object") }
        let features = (json["feature_columns"] ?? json["feature_names"] ?? json["features"])?.array
        let names = features?.compactMap(\.string)
        let metrics = (json["metrics"]?.object?.members ?? []).compactMap { member in
            member.value.number.map { (name: member.key, value: $0) }
        }
        return Metadata(
            name: json["model_name"]?.string,
            version: json["model_version"]?.string,
            features: names?.count == features?.count ? names : nil,
            trainedUntil: json["trained_until_date"]?.string,
            metrics: metrics.sorted { $0.name < $1.name }
        )
    }
}
