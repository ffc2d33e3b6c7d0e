package import Contract
package import Engines
package import Models

/// Asks a model about spot pools, or the public feed where there is none.
package struct SpotPredictor: Sendable {
    /// What a regressor's numbers mean; uploads say so in their metadata under `target`.
    private enum Target: String {
        case price
        /// Spot over on-demand price.
        case priceRatio = "price_ratio"
        case interruptionProbability = "interruption_probability"
    }

    private let model: LoadedModel?
    private let names: [String]
    private let target: Target
    private let confidence: Double

    /// - Parameters:
    ///   - model: The active one; nil on day zero.
    ///   - metadata: Of its upload: `target`, `feature_columns`, and `metrics` that tell how far it is trusted.
    package init(_ model: LoadedModel?, metadata: JSONObject = [:]) {
        self.model = model
        target = metadata["target"]?.string.flatMap(Target.init) ?? .price
        names = model.flatMap { RowReader($0, metadata: metadata).featureNames } ?? []
        let metrics = metadata["metrics"]
        let stated = ["f1_score", "f1", "accuracy", "r2", "r2_score"].lazy.compactMap { metrics?[$0]?.number }.first
        confidence = min(max(stated ?? 0.5, 0), 1)
    }

    /// Whether the model says how likely an interruption is; one that predicts prices does not.
    package var tellsInterruptions: Bool {
        guard let model else { return false }
        return target == .interruptionProbability
            || (Self.positive(model.classes) != nil && model.methods.contains(.probabilities))
    }

    /// The features a model asks for that nobody here can compute.
    package var unknownFeatures: [String] {
        let sample = SpotFeatures(type: "", zone: "", market: RegionMarket(region: ""), at: Timestamp(milliseconds: 0))
        return names.filter {
            sample.numbers[$0] == nil && sample.texts[$0] == nil && !SpotFeatures.encoded.contains($0)
        }
    }

    /// Predicts one pool.
    package func predict(_ features: SpotFeatures, band: InterruptionBand?, onDemand: Double?) -> SpotPrediction {
        var warnings: [String] = []
        if let model {
            do {
                return try predict(model, features, band, onDemand)
            } catch {
                warnings.append("the active model does not answer: \(error.message)")
            }
        }
        return SpotPrediction(
            interruptionProbability: band.map(Self.probability),
            predictedPrice: nil,
            confidence: band == nil ? 0 : 0.6,
            source: .spotAdvisor,
            warnings: warnings + (band == nil ? ["the type is not in the region's Spot Advisor feed"] : [])
        )
    }

    private func predict(
        _ model: LoadedModel,
        _ features: SpotFeatures,
        _ band: InterruptionBand?,
        _ onDemand: Double?
    ) throws(PredictionError) -> SpotPrediction {
        guard !names.isEmpty else {
            throw .other("the names of its features are unknown; upload it with feature_columns")
        }
        var cells: [Cell] = []
        for name in names { cells.append(try cell(name, features, model)) }
        let row = Features(rows: 1, columns: cells.count, cells: cells)
        if let place = Self.positive(model.classes), model.methods.contains(.probabilities) {
            let raw = try model.estimator.probabilities(row).values[place]
            guard raw.isFinite else { throw .other("it gives no finite probability") }
            let probability = min(max(raw, 0), 1)
            return SpotPrediction(
                interruptionProbability: probability,
                predictedPrice: nil,
                confidence: max(probability, 1 - probability),
                source: .model,
                warnings: []
            )
        }
        guard case .values(let values) = try model.estimator.predict(row), let value = values.first, value.isFinite
        else {
            throw .other("it gives no finite number")
        }
        return SpotPrediction(
            interruptionProbability: target == .interruptionProbability
                ? min(max(value, 0), 1) : band.map(Self.probability),
            predictedPrice: price(value, onDemand),
            confidence: confidence,
            source: .model,
            warnings: target == .interruptionProbability
                ? [] : ["the model predicts prices; the probability is the feed's"]
        )
    }

    private func price(_ value: Double, _ onDemand: Double?) -> Double? {
        switch target {
        case .price: max(0, value)
        case .priceRatio: onDemand.map { max(0, value) * $0 }
        case .interruptionProbability: nil
        }
    }

    private func cell(_ name: String, _ features: SpotFeatures, _ model: LoadedModel) throws(PredictionError) -> Cell {
        if let number = features.numbers[name], features.texts[name] == nil || number.isFinite {
            return .number(number)
        }
        if let text = features.texts[name] { return .text(text) }
        let suffix = "_encoded"
        guard name.hasSuffix(suffix), let text = features.texts[String(name.dropLast(suffix.count))] else {
            throw .other("\(name) cannot be computed here")
        }
        let column = String(name.dropLast(suffix.count))
        guard let encoder = model.encoders.first(where: { $0.name == column || $0.name == name })?.encoder else {
            throw .other("\(name) needs label encoders that did not come with the model")
        }
        return .number(try encoder.transform(Features(rows: 1, columns: 1, cells: [.text(text)])).firstNumber ?? .nan)
    }

    /// The class that means "interrupted", where there are two.
    private static func positive(_ classes: [Label]?) -> Int? {
        guard let classes, classes.count == 2 else { return nil }
        return classes.firstIndex { label in
            label.number == 1 || ["interrupted", "yes", "true", "1"].contains { label == .text($0) }
        }
    }

    /// Within a month: the middle of the public band.
    private static func probability(_ band: InterruptionBand) -> Double {
        SpotPolicy.standard.bandProbabilities[min(max(band.index, 0), SpotPolicy.standard.bandProbabilities.count - 1)]
    }
}

extension Features {
    fileprivate var firstNumber: Double? {
        guard rows > 0, columns > 0, case .number(let number) = self[0, 0] else { return nil }
        return number
    }
}
