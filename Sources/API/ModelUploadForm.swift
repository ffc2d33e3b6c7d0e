import Access
import Calendar
import Contract
import FoundationEssentials
import Hummingbird
import NIOCore
import Registry
import SystemPackage
import ThreadExecution

/// Reads the form of `POST /models/upload` while it arrives: files go to disk in pieces, memory stays flat.
struct ModelUploadForm: Sendable {
    /// Metadata may hold a golden sample and a training histogram.
    private static let largestField = 4 << 20
    private static let fields: Set<String> = [
        "model_name", "model_version", "model_type", "trained_until_date", "uploaded_by", "metadata",
    ]
    private static let files: Set<String> = ["file", "scaler", "label_encoders", "metadata"]

    let folder: FilePath
    /// Of one file.
    let maximumBytes: Int64
    let compute: ComputePool

    private var texts: [String: [UInt8]] = [:]
    private var spooled: [String: NewModel.Part] = [:]

    init(folder: FilePath, maximumBytes: Int64, compute: ComputePool) {
        self.folder = folder
        self.maximumBytes = maximumBytes
        self.compute = compute
    }

    /// - Throws: 400 for what is not form-data or breaks off, 413 beyond the limit, 415 for another media type, 422 with
    ///   the field at fault, 503 when the disk is full.
    func read(_ request: Request, caller: Identity) async throws -> NewModel {
        if let declared = request.headers[.contentLength].flatMap(Int64.init), declared > 3 * maximumBytes {
            throw tooLarge("file")
        }
        var form = self
        var parser = MultipartParser(boundary: try MultipartForm.boundary(request))
        var open: OpenPart?
        do {
            for try await chunk in request.body {
                for event in try parser.feed(chunk.readableBytesView) { try await form.take(event, &open) }
            }
        } catch let error as APIError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch let error as Errno {
            throw Self.noSpace(error)
        } catch {
            throw APIError(.unreadableBody, "the body breaks off, or its framing is not HTTP's")
        }
        try parser.finish()
        return try await form.model(uploadedBy: caller.keyID)
    }

    private enum OpenPart {
        case text(name: String, [UInt8])
        case file(NewModel.Part)
    }

    private mutating func take(_ event: MultipartParser.Event, _ open: inout OpenPart?) async throws {
        switch (event, open) {
        case (.part(let part), _): open = try begin(part)
        case (.bytes(let bytes), .text(let name, var before)?):
            guard before.count + bytes.count <= Self.largestField else { throw tooLarge(name) }
            // Let go of it first: appended to where it lies, not copied.
            open = nil
            before += bytes
            open = .text(name: name, before)
        case (.bytes(let bytes), .file(let part)?):
            guard part.file.size + Int64(bytes.count) <= maximumBytes else { throw tooLarge(part.name) }
            try await part.file.append(bytes)
        case (.endOfPart, .text(let name, let bytes)?):
            texts[name] = bytes
            open = nil
        case (.endOfPart, .file(let part)?):
            spooled[part.name] = part
            open = nil
        default: break
        }
    }

    private func begin(_ part: MultipartPart) throws -> OpenPart {
        let known = part.filename == nil ? Self.fields : Self.files
        guard known.contains(part.name) else {
            throw APIError(
                .invalidValue,
                "\(part.name.prefix(60)) is no \(part.filename == nil ? "field" : "file") of this form",
                field: String(part.name.prefix(60)),
                hint:
                    "Fields are \(Self.fields.sorted().joined(separator: ", ")); files are file, scaler, label_encoders."
            )
        }
        guard texts[part.name] == nil, spooled[part.name] == nil else {
            throw APIError(.invalidValue, "the form has \(part.name) twice", field: part.name)
        }
        guard let filename = part.filename, part.name != "metadata" else { return .text(name: part.name, []) }
        do {
            let file = try SpooledFile(folder: folder, compute: compute)
            // A name is shown, never opened.
            let shown = String(
                filename.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init)
            )
            return .file(NewModel.Part(name: part.name, fileName: String(shown.prefix(255)), file: file))
        } catch {
            throw Self.noSpace(error)
        }
    }

    private func model(uploadedBy key: String) async throws -> NewModel {
        guard let file = spooled["file"] else {
            throw APIError(.missingField, "file is missing", field: "file", hint: "Add the .pkl or .joblib as a file.")
        }
        guard file.file.size > 0 else { throw APIError(.invalidValue, "the file is empty", field: "file") }
        guard let type = ModelType(rawValue: try text("model_type", 1...50)) else {
            throw APIError(
                .invalidValue,
                "model_type is none we serve",
                field: "model_type",
                hint: "Send \(ModelType.allCases.map(\.rawValue).joined(separator: " or "))."
            )
        }
        let day = try text("trained_until_date", 10...10)
        guard Timestamp(day + "T00:00:00Z") != nil, day >= "1970-01-01" else {
            throw APIError(
                .invalidValue,
                "trained_until_date is no day",
                field: "trained_until_date",
                hint: "Send YYYY-MM-DD."
            )
        }
        return NewModel(
            name: try text("model_name", 1...255),
            version: try text("model_version", 1...50),
            type: type,
            trainedUntil: day,
            uploadedBy: key,
            uploader: texts["uploaded_by"] == nil ? nil : try text("uploaded_by", 1...255),
            metadata: try metadata(),
            model: file,
            parts: ["label_encoders", "scaler"].compactMap { spooled[$0] }
        )
    }

    /// A field as text without control characters, so many characters long.
    private func text(_ name: String, _ length: ClosedRange<Int>) throws(APIError) -> String {
        guard let bytes = texts[name] else { throw APIError(.missingField, "\(name) is missing", field: name) }
        guard let text = String(validating: bytes, as: UTF8.self), length.contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw APIError(
                .invalidValue,
                "\(name) is no text of \(length.lowerBound) to \(length.upperBound) characters",
                field: name
            )
        }
        return text
    }

    private func metadata() throws(APIError) -> JSONObject {
        guard let bytes = texts["metadata"], !bytes.isEmpty else { return [:] }
        do {
            let value = try JSONParser.parse(bytes)
            guard let object = value.object else {
                throw APIError(.invalidValue, "metadata is no JSON object", field: "metadata")
            }
            guard !value.text().contains("\\u0000") else {
                throw APIError(.invalidValue, "metadata has a NUL character in a text", field: "metadata")
            }
            return object
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError(.invalidValue, "metadata is no JSON: \(error)", field: "metadata")
        }
    }

    private func tooLarge(_ name: String) -> APIError {
        APIError(
            .payloadTooLarge,
            "\(name) is larger than \(maximumBytes >> 20) MiB",
            field: name,
            hint: "Send a smaller model, or have MAX_MODEL_FILE_SIZE_MB raised on the server."
        )
    }

    private static func noSpace(_ error: any Error) -> APIError {
        .unavailable("the upload cannot be kept on the server's disk: \(error)")
    }
}
