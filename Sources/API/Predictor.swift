import Access
import Contract
import Decisions
import Engines
import FoundationEssentials
import Models
import Predictions
import Registry
import ThreadExecution

/// Predictions by the models that run in this process.
struct Predictor: Sendable {
    /// Rows that are answered on the spot; more go to a thread of their own.
    private static let inlineRows = 16
    /// Rows that are answered in one piece.
    private static let blockRows = 1000

    let running: RunningModels
    let markets: MarketCache
    let regions: RegionList
    let compute: ComputePool
    let log: PredictionLog
    let defaultRegion: String

    // MARK: Any model

    /// The model that a path names: a type's active one, an alias of a type as `type@alias`, or the id of one that runs.
    ///
    /// - Throws: 404 for a name that is none, 409 for a model that runs nowhere.
    func model(_ name: String, key: String) throws(APIError) -> (answering: RunningModel, shadow: RunningModel?) {
        let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if let type = ModelType(rawValue: parts[0]) {
            let lineUp = running.lineUp(type)
            guard parts.count == 2 else {
                guard let answering = lineUp.answering(key) else {
                    throw APIError(
                        .conflict,
                        "no \(type.rawValue) is active",
                        field: "model",
                        hint: "Activate one: POST /api/v1/ml/models/activate."
                    )
                }
                return (answering, lineUp.shadow)
            }
            guard let named = lineUp.running(parts[1]) else {
                throw APIError(.notFound, "\(type.rawValue) has no alias \(parts[1].prefix(60))", field: "model")
            }
            return (named, nil)
        }
        for type in ModelType.allCases {
            if let found = running.lineUp(type).all.first(where: { $0.record.idText == name }) { return (found, nil) }
        }
        throw APIError(
            .notFound,
            "\(name.prefix(60)) is no model that runs",
            field: "model",
            hint:
                "Send a type (\(ModelType.allCases.map(\.rawValue).joined(separator: ", "))), type@alias, or the id of a model "
                + "that an alias points to."
        )
    }

    /// Answers rows with one of the model's methods.
    func predict(_ model: RunningModel, _ rows: [JSONReader], method: String) async throws -> JSONValue {
        let reader = RowReader(model.model, metadata: model.record.metadata)
        let estimator = model.model.estimator
        guard rows.count <= RowReader.mostRows else {
            throw APIError(
                .payloadTooLarge,
                "\(rows.count) rows are more than the \(RowReader.mostRows) of one request",
                field: "rows",
                hint: "Split the request."
            )
        }
        guard rows.count > Self.inlineRows else { return try Self.answer(estimator, try reader.read(rows), method) }
        var answers: [JSONValue] = []
        answers.reserveCapacity(rows.count)
        for start in stride(from: 0, to: rows.count, by: Self.blockRows) {
            // A caller who has gone away, and the others who wait for the thread, get their turn between blocks.
            try Task.checkCancellation()
            let block = Array(rows[start..<min(start + Self.blockRows, rows.count)])
            let part = try await compute.run { try Self.answer(estimator, try reader.read(block), method) }
            answers += part.array ?? []
        }
        return .array(answers)
    }

    private static func answer(_ estimator: any Estimator, _ x: Features, _ method: String) throws(APIError)
        -> JSONValue
    {
        do throws(PredictionError) {
            switch method {
            case "predict": return try json(estimator.predict(x))
            case "predict_proba": return try json(estimator.probabilities(x))
            case "decision_function": return try json(estimator.decision(x))
            case "score_samples": return try json(estimator.scores(x))
            default: throw .unsupported(method: method, estimator: estimator.name)
            }
        } catch {
            throw APIError(.invalidValue, error.message, field: "rows")
        }
    }

    private static func json(_ answer: Answer) throws(PredictionError) -> JSONValue {
        switch answer {
        case .values(let values): return .array(try values.map(number))
        case .rows(let matrix): return try json(matrix)
        case .labels(let labels): return .array(labels.map(\.json))
        }
    }

    private static func json(_ matrix: Matrix) throws(PredictionError) -> JSONValue {
        var rows: [JSONValue] = []
        rows.reserveCapacity(matrix.rows)
        for row in 0..<matrix.rows {
            let values = matrix.values[row * matrix.columns..<(row + 1) * matrix.columns]
            rows.append(matrix.columns == 1 ? try number(values[values.startIndex]) : .array(try values.map(number)))
        }
        return .array(rows)
    }

    private static func number(_ value: Double) throws(PredictionError) -> JSONValue {
        guard value.isFinite else { throw .other("the model gives \(value), which is no answer") }
        return .double(value)
    }

    // MARK: Spot pools

    /// What one spot pool has to expect, by the active model or the public feed.
    func spot(_ question: SpotQuestion, caller: Identity) async throws -> JSONValue {
        let started = ContinuousClock.now
        // Before a market is read and kept for it.
        let known = await regions.names()
        guard known.isEmpty ? question.region == defaultRegion : known.contains(question.region) else {
            throw APIError(
                .unknownRegion,
                "\(question.region.prefix(40)) is no region we have data for",
                field: "region"
            )
        }
        let market = try await markets.market(MarketKey(region: question.region)).market
        let band = market.advisor.first { $0.instanceType == question.instanceType }?.band
        let onDemand = market.onDemand[question.instanceType].flatMap { $0 > 0 ? $0 : nil }
        guard band != nil || onDemand != nil || market.catalogue[question.instanceType] != nil else {
            throw APIError(
                .invalidValue,
                "\(question.instanceType.prefix(40)) is no instance type we know in \(question.region)",
                field: "instance_type"
            )
        }
        let features = SpotFeatures(
            type: question.instanceType,
            zone: question.zone,
            market: market,
            spotPrice: question.spotPrice,
            at: question.moment
        )
        let lineUp = running.lineUp(.spotPredictor)
        let answering = lineUp.answering(question.key)
        func answer(_ model: RunningModel?) -> SpotPrediction {
            SpotPredictor(model?.model, metadata: model?.record.metadata ?? [:])
                .predict(features, band: band, onDemand: onDemand)
        }
        let prediction = answer(answering)
        let spent = (ContinuousClock.now - started).microseconds
        let reply = question.answer(prediction, by: answering, market: market, onDemand: onDemand, microseconds: spent)
        note(
            prediction.source == .model ? answering : nil,
            caller,
            question.json,
            reply,
            prediction.confidence,
            spent,
            isShadow: false
        )
        if let shadow = lineUp.shadow {
            let shadowed = answer(shadow)
            note(
                shadow,
                caller,
                question.json,
                question.answer(shadowed, by: shadow, market: market, onDemand: onDemand, microseconds: 0),
                shadowed.confidence,
                0,
                isShadow: true
            )
        }
        return reply
    }

    private func note(
        _ model: RunningModel?,
        _ caller: Identity,
        _ input: JSONValue,
        _ output: JSONValue,
        _ confidence: Double,
        _ microseconds: Int,
        isShadow: Bool
    ) {
        log.note(
            PredictionLog.Entry(
                model: model?.record.id,
                tenant: caller.tenant,
                type: "spot_interruption",
                input: input,
                output: output,
                confidence: confidence,
                microseconds: microseconds,
                isShadow: isShadow
            )
        )
    }
}

extension Duration {
    var microseconds: Int { Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000) }
}
