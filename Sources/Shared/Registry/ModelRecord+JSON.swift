package import Contract
import FoundationEssentials

extension ModelRecord {
    /// As lists and answers show it: the fields that callers of the earlier service know, and ours.
    package var json: JSONValue {
        [
            "model_id": .string(idText), "model_name": .string(name), "model_version": .string(version),
            "model_type": .string(type.rawValue), "status": .string(state.rawValue), "active": .bool(isActive),
            "aliases": .array(aliases.map(JSONValue.string)),
            "trained_until_date": .string(trainedUntil), "upload_date": .string(Self.text(uploadedAt)),
            "uploaded_by": .string(uploader ?? uploadedBy), "checksum": .string(sha256.hexadecimal),
            "file_name": .string(fileName), "file_size_bytes": .integer(size),
            "framework": description?["library"] ?? .null, "estimator": description?["estimator"] ?? .null,
            "model_file_path": .string("/api/v1/ml/models/\(idText)/file"),
            "model_metadata": .object(metadata), "performance_metrics": .object(metrics),
            "last_refresh_date": .optional(lastRefresh.map(Self.text)),
            "import_job_id": .string(importJob.uuidString.lowercased()),
        ]
    }

    static func text(_ date: Date) -> String {
        Timestamp(secondsSinceEpoch: date.timeIntervalSince1970).description
    }
}

extension [UInt8] {
    /// Two lower-case digits a byte.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
