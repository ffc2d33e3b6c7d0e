import Access
import Contract
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Registry

/// `/models/*`: uploading, looking, moving aliases, deleting.
struct ModelRoutes {
    let jobs: JobGateway
    let body: RequestBody
    let form: ModelUploadForm
    let store: ModelStore
    let importWait: Duration

    func add(to group: RouterGroup<APIContext>) {
        group.post("models/upload") { request, context in try await upload(request, context) }
        group.get("models/list") { request, context in try await list(request, context) }
        group.post("models/activate") { request, context in try await activate(request, context) }
        group.post("models/rollback") { request, context in try await rollBack(request, context) }
        group.get("models/:model_id/details") { _, context in try await details(context) }
        group.get("models/:model_id/performance") { _, context in try await performance(context) }
        group.get("models/:model_id/file") { request, context in try await download(request, context) }
        group.delete("models/:model_id") { _, context in try await delete(context) }
        group.get("models/aliases") { _, context in try await aliases(context) }
        group.put("models/aliases/:model_type/:alias") { request, context in try await point(request, context) }
        group.delete("models/aliases/:model_type/:alias") { _, context in try await removeAlias(context) }
        group.get("models/aliases/:model_type/:alias/history") { request, context in try await history(request, context)
        }
    }

    // MARK: Uploading

    /// 201 when the model is ready, 202 while it is being read, 422 when it is none we run.
    private func upload(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let model = try await form.read(request, caller: caller)
        let id = model.id.uuidString.lowercased()
        let payload: JSONValue = ["model_id": .string(id)]
        var job = NewJob(tenant: caller.tenant, kind: .modelImport, payload: payload.text())
        job.requestID = context.requestID
        await jobs.waiter.expect(job.id)
        do {
            try await store.add(model, importedBy: job)
        } catch RegistryError.taken {
            await jobs.waiter.forget(job.id)
            throw APIError(
                .conflict,
                "\(model.name) has a version \(model.version) already",
                field: "model_version",
                hint: "Versions never change: upload under another one."
            )
        } catch {
            await jobs.waiter.forget(job.id)
            throw error
        }
        let ended = await jobs.wait(for: job.id, atMost: importWait)
        if let ended, ended.state != .succeeded { throw APIError(ended: ended) }
        let record = try await store.model(model.id)
        var reply = record.json.object ?? [:]
        reply["upload_path"] = .string("/api/v1/ml/models/\(id)/file")
        reply["file_size_mb"] = .rounded(Double(record.size) / 1_048_576, 3)
        return Response(
            ended == nil ? .accepted : .created,
            json: JSONValue.object(reply).text(),
            headers: [.location: "\(RouterBuilder.prefix)/models/\(id)/details"]
        )
    }

    // MARK: Looking

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let query = QueryReader(request)
        try query.refuseOthers(than: ["active", "model_type", "model_name", "status", "limit", "offset"])
        var filter = ModelStore.Filter()
        filter.name = query.text("model_name")
        filter.type = try query.choice("model_type")
        filter.state = try query.choice("status")
        filter.isActive = try query.flag("active")
        let limit = try query.integer("limit", default: 50, in: 1...100)
        let offset = try query.integer("offset", default: 0, in: 0...1_000_000)
        let (models, total) = try await store.list(filter, limit: limit, offset: offset)
        let answer: JSONValue = [
            "models": .array(models.map(\.json)), "total": .integer(Int64(total)),
            "limit": .integer(Int64(limit)), "offset": .integer(Int64(offset)),
        ]
        return Response(json: answer.text())
    }

    private func details(_ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let record = try await record(context)
        var reply = record.json.object ?? [:]
        reply["metadata"] = .object(record.metadata)
        reply["description"] = record.description ?? .null
        reply["form_sha256"] = .optional(record.formSHA256?.hexadecimal)
        reply["usage_stats"] = try await store.usage(record.id)
        reply["loaded_by"] = try await store.loads(of: record.id)
        reply["parts"] = .array(
            try await store.parts(record.id).map { part in
                [
                    "part": .string(part.part), "checksum": .string(part.sha256.hexadecimal),
                    "file_name": .string(part.fileName),
                ]
            }
        )
        return Response(json: JSONValue.object(reply).text())
    }

    /// The metrics of the upload under their documented names, and what has been predicted.
    private func performance(_ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let record = try await record(context)
        let usage = try await store.usage(record.id)
        var reply: JSONObject = ["model_id": .string(record.idText), "metrics": .object(record.metrics)]
        for name in ["accuracy", "precision", "recall", "f1_score"] { reply[name] = record.metrics[name] ?? .null }
        reply["predictions_count"] = usage["predictions_count"] ?? 0
        reply["usage_stats"] = usage
        return Response(json: JSONValue.object(reply).text())
    }

    /// The original, byte for byte.
    private func download(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.models)
        let record = try await record(context)
        let tag = "\"\(record.sha256.hexadecimal)\""
        if request.headers[.ifNoneMatch] == tag {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        let blobs = store.blobs
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream", .contentLength: "\(record.size)", .eTag: tag,
                .contentDisposition: "attachment; filename=\"\(record.idText).bin\"",
            ],
            body: ResponseBody(contentLength: Int(record.size)) { writer in
                var place = 0
                var sent: Int64 = 0
                while let piece = try await blobs.piece(place, of: record.sha256) {
                    try await writer.write(ByteBuffer(bytes: piece))
                    sent += Int64(piece.count)
                    place += 1
                }
                // Deleted meanwhile: a connection that breaks off is better than a file that looks whole.
                guard sent == record.size else {
                    throw RegistryError.unreadable("\(record.idText) was deleted meanwhile")
                }
                try await writer.finish(nil)
            }
        )
    }

    // MARK: Changing

    private func activate(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let query = QueryReader(request)
        let reader = try await body.optionalDocument(request)
        // Earlier clients sent both as query parameters.
        let idText = try reader?.optional("model_id")?.string() ?? query.required("model_id")
        let version = try reader?.optional("version")?.string() ?? query.text("version")
        let record = try await record(idText)
        if let version, version != record.version {
            throw APIError(
                .conflict,
                "model \(record.idText) is version \(record.version), not \(version)",
                field: "version",
                hint: "Each version has an id of its own; GET /models/list shows them."
            )
        }
        let previous = try await move(ModelAlias.active, to: record, share: 1, caller)
        return Response(json: try await moved(ModelAlias.active, record.id, previous))
    }

    private func rollBack(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let reader = try await body.document(request)
        let type = try Self.type(try reader.required("model_type"))
        let alias =
            try reader.optional("alias").map { (alias) throws(APIError) in try alias.string() } ?? ModelAlias.active
        do {
            let (now, previous) = try await store.rollBack(alias, of: type, by: caller.keyID)
            return Response(json: try await moved(alias, now, previous))
        } catch RegistryError.nothingBefore {
            throw APIError(.conflict, "\(alias) of \(type.rawValue) has pointed to no other model that is still there")
        }
    }

    private func point(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let (type, alias) = try Self.aliasPath(context)
        let reader = try await body.document(request)
        let record = try await record(try reader.required("model_id").string())
        guard record.type == type else {
            throw APIError(.conflict, "the model is a \(record.type.rawValue)", field: "model_id")
        }
        let share =
            try reader.optional("share").map { (share) throws(APIError) in try share.number(in: 0.0001...1) } ?? 1
        let previous = try await move(alias, to: record, share: share, caller)
        return Response(json: try await moved(alias, record.id, previous))
    }

    private func removeAlias(_ context: APIContext) async throws -> Response {
        let caller = try context.caller(.models)
        let (type, alias) = try Self.aliasPath(context)
        guard try await store.remove(alias, of: type, by: caller.keyID) != nil else {
            throw APIError(.notFound, "\(type.rawValue) has no alias \(alias)", field: "alias")
        }
        return Response(status: .noContent)
    }

    private func aliases(_ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let answer: JSONValue = [
            "aliases": .array(
                try await store.aliases().map { alias in
                    [
                        "model_type": .string(alias.type.rawValue), "alias": .string(alias.name),
                        "model_id": .string(alias.model.uuidString.lowercased()), "share": .double(alias.share),
                    ]
                }
            )
        ]
        return Response(json: answer.text())
    }

    private func history(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.caller(.read)
        let (type, alias) = try Self.aliasPath(context)
        let limit = try QueryReader(request).integer("limit", default: 50, in: 1...500)
        let answer: JSONValue = [
            "changes": .array(
                try await store.changes(of: alias, type, limit: limit).map { change in
                    [
                        "changed_at": .string(change.at.rfc3339), "changed_by": .string(change.by),
                        "model_id": .optional(change.model?.uuidString.lowercased()),
                        "previous": .optional(change.previous?.uuidString.lowercased()),
                        "rollback": .bool(change.isRollback),
                    ]
                }
            )
        ]
        return Response(json: answer.text())
    }

    private func delete(_ context: APIContext) async throws -> Response {
        _ = try context.caller(.models)
        let record = try await record(context)
        do {
            try await store.delete(record.id)
        } catch RegistryError.inUse(let aliases) {
            throw APIError(
                .conflict,
                "\(aliases.joined(separator: ", ")) of \(record.type.rawValue) still points to it",
                field: "model_id",
                hint: "Activate another model, or remove the alias, and delete it then."
            )
        }
        let answer: JSONValue = [
            "model_id": .string(record.idText), "status": "deleted", "deleted_at": .string(Date().rfc3339),
        ]
        return Response(json: answer.text())
    }

    private func move(_ alias: String, to record: ModelRecord, share: Double, _ caller: Identity) async throws -> UUID?
    {
        do {
            return try await store.point(alias, to: record.id, share: share, by: caller.keyID)
        } catch RegistryError.notReady(let state) {
            throw APIError(.conflict, "the model is \(state) and cannot be used yet", field: "model_id")
        } catch RegistryError.failsSample(let message) {
            throw APIError(
                .conflict,
                "the model does not answer its golden sample: \(message)",
                field: "model_id",
                hint: "Upload it again with the sample that belongs to it."
            )
        }
    }

    private func moved(_ alias: String, _ id: UUID, _ previous: UUID?) async throws -> String {
        let record = try await store.model(id)
        let answer: JSONValue = [
            "status": alias == ModelAlias.active ? "activated" : "moved", "alias": .string(alias),
            "model_id": .string(record.idText), "model_name": .string(record.name), "version": .string(record.version),
            "model_type": .string(record.type.rawValue), "activated_at": .string(Date().rfc3339),
            "previous_active": .optional(previous?.uuidString.lowercased()),
            "golden_sample": record.description?["golden_sample"] ?? .null,
        ]
        return answer.text()
    }

    // MARK: Reading

    private static func aliasPath(_ context: APIContext) throws -> (ModelType, String) {
        let type = try type(
            JSONReader(["model_type": .string(try context.parameters.require("model_type"))]).required("model_type")
        )
        let alias = try context.parameters.require("alias")
        guard alias.wholeMatch(of: /[a-z][a-z0-9_-]{0,49}/) != nil else {
            throw APIError(
                .invalidValue,
                "an alias is 1 to 50 lower-case letters, digits, dashes and underscores",
                field: "alias"
            )
        }
        return (type, alias)
    }

    private static func type(_ field: JSONReader) throws(APIError) -> ModelType {
        guard let type = ModelType(rawValue: try field.string()) else {
            throw field.invalid(
                "is no type of model",
                hint: "Send \(ModelType.allCases.map(\.rawValue).joined(separator: " or "))."
            )
        }
        return type
    }

    private func record(_ context: APIContext) async throws -> ModelRecord {
        try await record(try context.parameters.require("model_id"))
    }

    private func record(_ text: String) async throws -> ModelRecord {
        guard text.utf8.count == 36, let id = UUID(uuidString: text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a model's id", field: "model_id")
        }
        do {
            return try await store.model(id)
        } catch RegistryError.unknown {
            throw APIError(.notFound, "there is no model \(text)", field: "model_id")
        }
    }
}
