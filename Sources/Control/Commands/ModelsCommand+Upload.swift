import ArgumentParser
import Contract
import FoundationEssentials
import Jobs
import Registry
import Settings
import SystemPackage
import ThreadExecution

extension ModelsCommand {
    struct Upload: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Uploads a model and waits until a worker has read it.",
            discussion: """
                The file is read by a process of its own and never run. What is no model we run is refused with the reason, and \
                nothing of it stays. Example:

                  cloudoptim models upload model.pkl --name spot --model-version 2.1 --trained-until 2026-10-31 \\
                      --metadata metadata.json
                """
        )

        @Argument(help: "The .pkl or .joblib file.", completion: .file())
        var file: String

        @Option(help: "Its name: versions of one name follow each other.")
        var name: String

        @Option(help: "Its version; it never changes afterwards.")
        var modelVersion: String

        @Option(help: "What it is for: spot_predictor, resource_forecaster.")
        var type = ModelType.spotPredictor

        @Option(help: "The last day of its training data, YYYY-MM-DD.")
        var trainedUntil: String

        @Option(help: "A JSON file: feature_columns, metrics, golden_sample, target.", completion: .file())
        var metadata: String?

        @Option(help: "A scaler that rows go through first, as a file of its own.", completion: .file())
        var scaler: String?

        @Option(help: "Label encoders, as a file of their own.", completion: .file())
        var labelEncoders: String?

        func validate() throws {
            guard (1...255).contains(name.count), (1...50).contains(modelVersion.count) else {
                throw ValidationError("--name has 1 to 255 characters, --model-version 1 to 50")
            }
            guard trainedUntil.utf8.count == 10, Timestamp(trainedUntil + "T00:00:00Z") != nil else {
                throw ValidationError("--trained-until is a day such as 2026-10-31")
            }
        }

        func run() async throws {
            try await Stores.with { stores in
                let compute = ComputePool(name: "files", threads: 1)
                defer { compute.shutdown() }
                let model = try await newModel(stores, compute)
                let store = ModelStore(pool: stores.pool)
                let payload: JSONValue = ["model_id": .string(model.id.uuidString.lowercased())]
                let job = NewJob(tenant: "system", kind: .modelImport, payload: payload.text())
                do {
                    try await store.add(model, importedBy: job)
                } catch RegistryError.taken {
                    throw ControlError("\(name) has a version \(modelVersion) already; versions never change")
                }
                try await wait(for: job.id, JobLedger(pool: stores.pool))
                print(model.id.uuidString.lowercased())
            }
        }

        private func newModel(_ stores: Stores, _ compute: ComputePool) async throws -> NewModel {
            var parts: [NewModel.Part] = []
            for (part, path) in [("file", file), ("label_encoders", labelEncoders ?? ""), ("scaler", scaler ?? "")]
            where !path.isEmpty {
                let spooled = try SpooledFile(folder: FilePath(stores.settings.models.folder), compute: compute)
                try await copy(path, to: spooled, limit: Int64(stores.settings.models.maximumMegabytes) << 20)
                parts.append(
                    NewModel.Part(name: part, fileName: FilePath(path).lastComponent?.string ?? part, file: spooled)
                )
            }
            var notes: JSONObject = [:]
            if let metadata {
                guard let object = try? JSONParser.parse(try TextFile.read(metadata, what: "the metadata")).object
                else {
                    throw ControlError("\(metadata) is no JSON object", status: 2)
                }
                notes = object
            }
            return NewModel(
                name: name,
                version: modelVersion,
                type: type,
                trainedUntil: trainedUntil,
                uploadedBy: "cloudoptim",
                uploader: nil,
                metadata: notes,
                model: parts[0],
                parts: Array(parts.dropFirst())
            )
        }

        /// Piece by piece: a model may be larger than this process should be.
        private func copy(_ path: String, to spooled: SpooledFile, limit: Int64) async throws {
            guard let source = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else {
                throw ControlError("\(path) cannot be read; check that the file exists and may be read")
            }
            defer { try? source.close() }
            while true {
                let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, filled in
                    filled = try source.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if piece.isEmpty { return }
                guard spooled.size + Int64(piece.count) <= limit else {
                    throw ControlError("\(path) is larger than \(limit >> 20) MiB (MAX_MODEL_FILE_SIZE_MB)")
                }
                try await spooled.append(piece)
            }
        }

        /// Until a worker has read it; without one it stays where it is, and is read later.
        private func wait(for id: JobID, _ ledger: JobLedger) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                if let record = try await ledger.job(id, tenant: nil), record.state.isTerminal {
                    guard record.state == .succeeded else {
                        throw ControlError(record.failure?.message ?? "the import \(record.state.rawValue)")
                    }
                    return
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            throw ControlError("no worker has read it yet; it goes on as job \(id)")
        }
    }
}
