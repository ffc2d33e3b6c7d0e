import Contract
import FoundationEssentials
import Jobs
import Logging
import Registry
import Settings
import SystemPackage
import ThreadExecution

/// Turns an uploaded model into the form that is loaded, or refuses it; the file is read by a process of its own.
struct ModelImportHandler: JobHandler {
    let kind = JobKind.modelImport
    let store: ModelStore
    let importer: ModelImporter
    let folder: FilePath
    let compute: ComputePool
    /// Nil where the spot price history is not filled of our own accord.
    let gapFiller: GapFillerSettings?
    let logger: Logger

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        guard let text = try JSONParser.parse(job.payload)["model_id"]?.string, let id = UUID(uuidString: text) else {
            return .failed(JobFailure(code: "invalid_value", message: "the payload names no model", field: "model_id"))
        }
        let record: ModelRecord
        do {
            record = try await store.model(id)
        } catch RegistryError.unknown {
            return Self.removed
        }
        // An earlier attempt got this far and could not say so.
        if record.state == .ready { return .succeeded(result: Self.result(record)) }
        let (input, parts) = try await spool(record)
        let output = try SpooledFile(folder: folder, compute: compute)
        switch try await importer.run(input, parts: parts, output: output) {
        case .ready(let form, let description):
            guard
                try await store.finishImport(
                    id,
                    form: form,
                    description: description,
                    followedBy: gapFill(record, job)
                )
            else { return Self.removed }
            return .succeeded(result: Self.result(record))
        case .refused(let refusal):
            try await store.refuse(id)
            return .failed(Self.failure(refusal))
        case .unavailable(let why):
            logger.error("a model cannot be imported", metadata: ["model": "\(record.idText)", "reason": "\(why)"])
            return .retry(JobFailure(code: "importer_unavailable", message: why))
        }
    }

    /// Has the prices fetched that the model has not seen yet; what is there already costs no call.
    private func gapFill(_ record: ModelRecord, _ job: ClaimedJob) -> NewJob? {
        guard let gapFiller, let day = Timestamp(record.trainedUntil + "T00:00:00Z") else { return nil }
        let order = SpotHistoryOrder.forModel(
            record.idText,
            trainedUntil: day.adding(days: 1),
            lookbackDays: gapFiller.lookbackDays,
            regions: gapFiller.regions,
            now: Timestamp(Date())
        )
        return NewJob(tenant: job.tenant, kind: .spotHistory, payload: order.json.text(.canonical))
    }

    /// The files of an upload one after the other, as the importer reads them; its metadata first.
    private func spool(_ record: ModelRecord) async throws -> (SpooledFile, [ModelImporter.Part]) {
        let file = try SpooledFile(folder: folder, compute: compute)
        let metadata = JSONValue.object(record.metadata).bytes()
        try await file.append(metadata)
        var parts = [ModelImporter.Part(name: "metadata", size: Int64(metadata.count))]
        let blobs = [("model", record.sha256)] + (try await store.parts(record.id)).map { ($0.part, $0.sha256) }
        for (name, hash) in blobs {
            let before = file.size
            try await store.blobs.copy(hash, to: file)
            parts.append(ModelImporter.Part(name: name, size: file.size - before))
        }
        return (file, parts)
    }

    private static let removed = JobOutcome.failed(
        JobFailure(
            code: "not_found",
            message: "the model has been removed, by its owner or since it was refused before"
        )
    )

    private static func result(_ record: ModelRecord) -> String {
        let result: JSONValue = ["model_id": .string(record.idText), "status": "ready"]
        return result.text()
    }

    private static func failure(_ refusal: JSONValue) -> JobFailure {
        let reason = refusal["reason"]?.string ?? "malformed"
        let place = refusal["offset"]?.integer.map { " (at byte \($0))" } ?? ""
        return JobFailure(
            code: "invalid_model",
            message: "\(reason): \(refusal["message"]?.string ?? "it cannot be read")\(place)",
            field: "file",
            hint: "docs/model-hosting.md lists what is read; nothing of the upload was kept."
        )
    }
}
