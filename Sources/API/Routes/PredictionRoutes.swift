import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Models
import NIOCore
import Registry
import Synchronization

/// `/predict/*` and `/predictions/*`: answers of the models that run in this process, and what has been answered.
struct PredictionRoutes {
    /// Between two signs of life of a stream: proxies cut what is silent.
    private static let heartbeat: Duration = .seconds(15)

    let body: RequestBody
    let predictor: Predictor
    let log: PredictionLog
    private let shadows = ShadowPlaces()

    init(body: RequestBody, predictor: Predictor, log: PredictionLog) {
        self.body = body
        self.predictor = predictor
        self.log = log
    }

    func add(to group: RouterGroup<APIContext>) {
        for path in ["predict/spot-interruption", "predict"] {
            group.post(RouterPath(path)) { request, context in try await spot(request, context) }
        }
        group.post("predict/:model") { request, context in try await any(request, context) }
        group.get("predictions/history") { request, context in try await history(request, context) }
        group.get("predictions/live") { _, context in try live(context) }
    }

    private func spot(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let question = try SpotQuestion(try await body.document(request), defaultRegion: predictor.defaultRegion)
        return Response(json: try await predictor.spot(question, caller: caller).text())
    }

    /// One row under `features`, or several under `rows`.
    private func any(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let reader = try await body.document(request)
        let single = try reader.optional("features")
        let rows: [JSONReader]
        if let single {
            rows = [single]
        } else {
            rows = try reader.required("rows", hint: "Send rows, a list of lists or objects; or features, one of them.")
                .elements()
        }
        let method = try reader.optional("method").map { (method) throws(APIError) in try method.string() } ?? "predict"
        let key = try reader.optional("request_key").map { (key) throws(APIError) in try key.string() }
        let name = try context.parameters.require("model")
        let (model, shadow) = try predictor.model(name, key: key ?? context.requestID)
        let started = ContinuousClock.now
        let answers = try await predictor.predict(model, rows, method: method)
        let spent = (ContinuousClock.now - started).microseconds
        var reply: JSONObject = [
            "model_id": .string(model.record.idText), "model_name": .string(model.record.name),
            "model_version": .string(model.record.version), "model_sha256": .string(model.record.sha256.hexadecimal),
            "method": .string(method), "processing_time_us": .integer(Int64(spent)),
            "classes": model.model.classes.map { .array($0.map(\.json)) } ?? .null,
        ]
        if single != nil { reply["prediction"] = answers[0] ?? .null } else { reply["predictions"] = answers }
        if let shadow { note(shadow, rows, method, caller) }
        log.note(entry(model, rows, answers, caller, spent, isShadow: false))
        return Response(json: JSONValue.object(reply).text())
    }

    /// Asks the shadow beside the answer, which does not wait for it.
    private func note(_ shadow: RunningModel, _ rows: [JSONReader], _ method: String, _ caller: Identity) {
        guard shadows.enter() else { return }
        Task {
            defer { shadows.leave() }
            let started = ContinuousClock.now
            guard let answers = try? await predictor.predict(shadow, rows, method: method) else { return }
            let spent = (ContinuousClock.now - started).microseconds
            log.note(entry(shadow, rows, answers, caller, spent, isShadow: true))
        }
    }

    private func entry(
        _ model: RunningModel,
        _ rows: [JSONReader],
        _ answers: JSONValue,
        _ caller: Identity,
        _ microseconds: Int,
        isShadow: Bool
    ) -> PredictionLog.Entry {
        // A batch is told by its first rows: the log is a sample, not a copy of the traffic.
        let shown = 5
        return PredictionLog.Entry(
            model: model.record.id,
            tenant: caller.tenant,
            type: model.record.type.rawValue,
            input: ["rows": .array(rows.prefix(shown).map(\.value)), "count": .integer(Int64(rows.count))],
            output: ["predictions": .array(Array((answers.array ?? []).prefix(shown)))],
            confidence: nil,
            microseconds: microseconds,
            isShadow: isShadow
        )
    }

    private func history(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["model_id", "limit", "after"])
        let limit = try query.integer("limit", default: 100, in: 1...1000)
        var model: UUID?
        if let text = query.text("model_id") {
            guard let id = UUID(uuidString: text) else {
                throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a model's id", field: "model_id")
            }
            model = id
        }
        let after = try query.integer("after", default: 0, in: 0...Int.max)
        let entries = try await log.history(
            tenant: caller.may(.admin) ? nil : caller.tenant,
            model: model,
            before: after == 0 ? nil : Int64(after),
            limit: limit
        )
        let answer: JSONValue = [
            "predictions": .array(entries),
            "next": entries.count == limit ? entries.last?["prediction_id"] ?? .null : .null,
        ]
        return Response(json: answer.text())
    }

    /// Server-sent events: one for each logged prediction of the tenant.
    private func live(_ context: APIContext) throws -> Response {
        let caller = try context.caller(.read)
        let entries = log.follow(tenant: caller.may(.admin) ? nil : caller.tenant)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                try await writer.write(ByteBuffer(string: ": predictions follow\n\n"))
                for await event in Self.events(entries) { try await writer.write(ByteBuffer(string: event)) }
                try await writer.finish(nil)
            }
        )
    }

    /// The entries as text, with a comment where none comes for a while.
    private static func events(_ entries: AsyncStream<PredictionLog.Entry>) -> AsyncStream<String> {
        AsyncStream(bufferingPolicy: .bufferingNewest(256)) { continuation in
            let reader = Task {
                for await entry in entries {
                    continuation.yield("event: prediction_update\ndata: \(entry.json.text())\n\n")
                }
                continuation.finish()
            }
            let beat = Task {
                while !Task.isCancelled {
                    try? await Task.sleep(for: heartbeat)
                    continuation.yield(": still here\n\n")
                }
            }
            continuation.onTermination = { _ in
                reader.cancel()
                beat.cancel()
            }
        }
    }
}

/// How many shadows are being asked: beyond a few they are left out, since a shadow must never cost an answer its time.
private final class ShadowPlaces: Sendable {
    private static let limit = 64

    private let count = Mutex(0)

    func enter() -> Bool {
        count.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}
