import Access
import Contract
import CustomEngines
import Engines
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Scripts

/// `/engines/*`: engines that users bring, from upload to roll-back, beside the built-in ones.
///
/// What decides is the same for every tenant, so only operators change it.
struct EngineRoutes {
    let body: RequestBody
    let engines: EngineStore
    let tests: EngineTestRun

    func add(to group: RouterGroup<APIContext>) {
        group.post("engines/upload") { request, context in try await upload(request, context) }
        group.get("engines/list") { request, context in try await list(request, context) }
        group.post("engines/select") { request, context in try await select(request, context) }
        group.post("engines/rollback") { request, context in try await rollBack(request, context) }
        group.get("engines/:engine_id/metadata") { request, context in try await metadata(request, context) }
        group.post("engines/:engine_id/test") { request, context in try await test(request, context) }
        group.get("engines/:engine_id/differences") { request, context in try await differences(request, context) }
    }

    // MARK: Uploading

    private func upload(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.admin)
        let upload = try await EngineForm.read(request)
        let record = try await translated(upload.name) { try await engines.add(upload, by: caller.keyID) }
        let outcome = try await tests.run(
            record,
            config: record.engine.config,
            caller: caller,
            requestID: context.requestID
        )
        var reply = try await engines.engine(record.id).json.object ?? [:]
        reply["status"] = .string(outcome.status)
        reply["test"] = outcome.json
        return Self.response(
            .object(reply),
            status: .created,
            headers: [.location: "\(RouterBuilder.prefix)/engines/\(record.engine.id)/metadata"]
        )
    }

    private func test(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.admin)
        let record = try await record(context)
        let reader = try await body.optionalDocument(request)
        let config = try reader.flatMap { (reader) throws(APIError) in try self.config(reader, record) }
        let outcome = try await tests.run(
            record,
            config: config ?? record.engine.config,
            caller: caller,
            requestID: context.requestID
        )
        return Self.response([
            "engine_id": .string(record.engine.id), "status": .string(outcome.status), "test": outcome.json,
        ])
    }

    // MARK: Looking

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["engine_type", "mode"])
        let type = try query.text("engine_type").map { (name) throws(APIError) in try Self.type(name, "engine_type") }
        let mode = query.text("mode")
        if let mode, EngineMode(rawValue: mode) == nil {
            throw APIError(.invalidValue, "mode is none of active, shadow, inactive", field: "mode")
        }
        let uploaded = try await engines.list()
        let taken = Set(uploaded.filter { $0.mode == .active }.map(\.engine.type))
        let all =
            BuiltinEngine.all.map { ($0.type, $0.json(isActive: !taken.contains($0.type))) }
            + uploaded.map { ($0.engine.type, $0.json) }
        let shown = all.filter { (type == nil || $0.0 == type) && (mode == nil || $0.1["mode"]?.string == mode) }
        return Self.response([
            "engines": .array(shown.map(\.1)), "total": .integer(Int64(shown.count)),
        ])
    }

    private func metadata(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let id = try context.parameters.require("engine_id")
        if let builtin = BuiltinEngine(id: id) {
            let decides = try await engines.list().contains { $0.engine.type == builtin.type && $0.mode == .active }
            var reply = builtin.json(isActive: !decides).object ?? [:]
            reply["activations"] = try await activations(builtin.type)
            return Self.response(.object(reply))
        }
        let record = try await record(context)
        var reply = record.json.object ?? [:]
        reply["input_schema"] = record.engine.inputSchema.json
        reply["output_schema"] = record.engine.outputSchema.json
        reply["sample"] = try JSONParser.parse(record.sample)
        if let test = record.test { reply["test_report"] = try JSONParser.parse(test.report) }
        reply["activations"] = try await activations(record.engine.type)
        // A script may hold what its author would not show every reader.
        if caller.may(.admin) { reply["source"] = .string(record.engine.source) }
        return Self.response(.object(reply))
    }

    private func activations(_ type: DecisionType) async throws -> JSONValue {
        .array(
            try await engines.activations(type).map { activation in
                [
                    "activated_at": .string(activation.at.description),
                    "engine_id": .string(activation.engineID ?? BuiltinEngine(type)?.id ?? "builtin-\(type.rawValue)"),
                    "engine": .string(activation.title ?? type.engineName),
                    "config_version": activation.configVersion.map { .integer(Int64($0)) } ?? .null,
                    "activated_by": .string(activation.by), "rollback": .bool(activation.isRollback),
                ]
            }
        )
    }

    private func differences(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.admin)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["limit"])
        let limit = try query.integer("limit", default: 20, in: 0...500)
        let record = try await record(context)
        var reply = try await engines.differences(record.id, limit: limit).object ?? [:]
        reply["mode"] = .string(record.mode.rawValue)
        return Self.response(.object(reply))
    }

    // MARK: Choosing

    private func select(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.admin)
        let reader = try await body.document(request)
        let field = try reader.required("engine_id")
        let id = try field.string()
        let mode = try Self.mode(reader)
        if let builtin = BuiltinEngine(id: id) { return try await selectBuiltin(builtin, mode, reader, caller) }
        let record = try await record(id, field: "engine_id")
        let config = try config(reader, record)
        if mode != .inactive {
            try await requirePassed(record, config ?? record.engine.config, caller, context.requestID)
        }
        let (selected, previous) = try await translated(record.engine.title) {
            try await engines.select(record.id, mode: mode, config: config, by: caller.keyID)
        }
        var reply = selected.json.object ?? [:]
        reply["status"] = .string(selected.mode.rawValue)
        reply["previous_active"] = .string(previous ?? "builtin-\(selected.engine.type.rawValue)")
        return Self.response(.object(reply))
    }

    private func selectBuiltin(
        _ builtin: BuiltinEngine,
        _ mode: EngineMode,
        _ reader: JSONReader,
        _ caller: Identity
    ) async throws -> Response {
        guard mode == .active else {
            throw APIError(
                .invalidValue,
                "the built-in engine can only be made active",
                field: "mode",
                hint: "It answers first in any case, and stands in when another one fails."
            )
        }
        if let config = try reader.optional("config"), try !config.object().isEmpty {
            throw config.invalid("must be empty: built-in engines have no configuration")
        }
        let previous = try await engines.selectBuiltin(builtin.type, by: caller.keyID)
        var reply = builtin.json(isActive: true).object ?? [:]
        reply["status"] = "active"
        reply["previous_active"] = .string(previous ?? builtin.id)
        return Self.response(.object(reply))
    }

    private func rollBack(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.admin)
        let reader = try await body.document(request)
        let field = try reader.required("engine_type")
        let type = try Self.type(try field.string(), "engine_type")
        let record = try await translated(type.rawValue) { try await engines.rollBack(type, by: caller.keyID) }
        var reply = record?.json.object ?? BuiltinEngine(type)?.json(isActive: true).object ?? [:]
        reply["status"] = "active"
        return Self.response(.object(reply))
    }

    /// Has the engine tested with the configuration it shall run with, unless it has passed with that already.
    private func requirePassed(
        _ record: EngineRecord,
        _ config: JSONObject,
        _ caller: Identity,
        _ requestID: String
    ) async throws {
        if record.hasPassed(with: config) { return }
        switch try await tests.run(record, config: config, caller: caller, requestID: requestID) {
        case .passed: return
        case .failed(let report):
            let reason = report["reason"]?.string ?? "failed"
            throw APIError(
                .conflict,
                "the engine did not pass its test: \(reason): \(report["message"]?.string ?? "no message")",
                field: "engine_id",
                hint: "POST /engines/{id}/test runs it again and shows the whole report."
            )
        case .pending(let id):
            var error = APIError.unavailable("the engine's test has not been run yet: is there a worker?")
            error.jobID = id.description
            throw error
        }
    }

    // MARK: Reading

    private func record(_ context: APIContext) async throws -> EngineRecord {
        try await record(try context.parameters.require("engine_id"), field: "engine_id")
    }

    private func record(_ text: String, field: String) async throws -> EngineRecord {
        guard text.utf8.count == 36, let id = UUID(uuidString: text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of an engine's id", field: field)
        }
        return try await translated(text) { try await engines.engine(id) }
    }

    private func config(_ reader: JSONReader, _ record: EngineRecord) throws(APIError) -> JSONObject? {
        guard let config = try reader.optional("config") else { return nil }
        let object = try config.object()
        try record.engine.configSchema.check(config)
        return object
    }

    private static func mode(_ reader: JSONReader) throws(APIError) -> EngineMode {
        guard let field = try reader.optional("mode") else { return .active }
        guard let mode = EngineMode(rawValue: try field.string()) else {
            throw field.invalid("is no mode", hint: "Send active, shadow or inactive.")
        }
        return mode
    }

    static func type(_ name: String, _ field: String) throws(APIError) -> DecisionType {
        guard let type = DecisionType(name: name) else {
            throw APIError(
                .invalidValue,
                "\(field) is no type of engine",
                field: field,
                hint: "Types are \(DecisionType.allCases.map(\.rawValue).joined(separator: ", "))."
            )
        }
        return type
    }

    private func translated<Value: Sendable>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as EngineStoreError {
            switch error {
            case .unknown: throw APIError(.notFound, "there is no engine \(what)", field: "engine_id")
            case .taken:
                throw APIError(
                    .conflict,
                    "an engine \(what) of this version exists already",
                    field: "engine_version",
                    hint: "Versions never change: upload under another engine_version."
                )
            case .untested: throw APIError(.conflict, error.description, field: "engine_id")
            case .nothingBefore: throw APIError(.conflict, error.description, field: "engine_type")
            case .unreadable: throw APIError(.internalError, error.description)
            }
        }
    }

    private static func response(
        _ json: JSONValue,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: json.bytes())))
    }
}
