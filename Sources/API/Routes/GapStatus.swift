import Contract
import FoundationEssentials
import Jobs

/// A gap-filling job as the dashboard polls it.
struct GapStatus {
    /// What fits on a screen.
    private static let logLines = 20

    let json: JSONValue

    /// `withLog` adds the last windows, one line each.
    init(_ record: JobRecord, _ ledger: JobLedger, withLog: Bool) async throws {
        let result = record.result.flatMap { try? JSONParser.parse($0) } ?? .null
        let progress = record.progress.flatMap { try? JSONParser.parse($0) } ?? .null
        var filled = result["records_filled"]?.integer ?? 0
        if record.state != .succeeded {
            filled = try await ledger.results(ofChildrenOf: record.id).reduce(0) { sum, text in
                sum + ((try? JSONParser.parse(text))?["inserted"]?.integer ?? 0)
            }
        }
        var body: JSONObject = [
            "gap_id": .string(record.id.description), "model_id": result["model_id"] ?? .null,
            "gap_days": result["gap_days"] ?? .null,
            "status": .string(Self.word(record, result)),
            "percent_complete": record.state == .succeeded ? 100 : (progress["percent"] ?? 0),
            "records_filled": .integer(filled),
            "records_expected": Self.expected(filled, progress),
            "windows_done": progress["done"] ?? result["windows"] ?? nil,
            "windows_total": progress["total"] ?? result["windows"] ?? nil,
            "eta_seconds": Self.left(record, progress),
            "accepted_at": .string(record.acceptedAt.rfc3339),
            "started_at": .optional(record.startedAt?.rfc3339), "completed_at": .optional(record.finishedAt?.rfc3339),
            "error_message": .optional(record.failure?.message),
        ]
        if let hint = record.failure?.hint { body["hint"] = .string(hint) }
        if let unfillable = result["unfillable"], !unfillable.isNull { body["unfillable"] = unfillable }
        if withLog {
            let ends = try await ledger.lastEnds(ofChildrenOf: record.id, limit: Self.logLines)
            body["log"] = .array(ends.map { .string(Self.line($0)) })
        }
        json = .object(body)
    }

    /// As many rows as there will be if the windows that are left bring as many as those that are done; nil before the
    /// first.
    private static func expected(_ filled: Int64, _ progress: JSONValue) -> JSONValue {
        guard let done = progress["done"]?.number, let total = progress["total"]?.number, done > 0, total >= done else {
            return .null
        }
        return .rounded(Double(filled) * total / done, 0)
    }

    /// Seconds until the end, if the windows that are left take as long as those that are done; nil before the first.
    private static func left(_ record: JobRecord, _ progress: JSONValue) -> JSONValue {
        guard !record.state.isTerminal, let done = progress["done"]?.number, let total = progress["total"]?.number,
            done > 0, total >= done
        else { return .null }
        let elapsed = Date().timeIntervalSince(record.startedAt ?? record.acceptedAt)
        return .rounded(max(0, elapsed) / done * (total - done), 0)
    }

    /// `2026-11-27T08:00:12Z eu-west-1 2026-11-20T00:00:00Z to 2026-11-22T00:00:00Z: 17,204 prices, 16,901 new, 18 pages`.
    private static func line(_ end: JobLedger.ChildEnd) -> String {
        let at = end.finishedAt.rfc3339
        if end.state == .succeeded, let result = end.result.flatMap({ try? JSONParser.parse($0) }) {
            func count(_ name: String) -> String { "\(result[name]?.integer ?? 0)" }
            let place =
                "\(result["region"]?.string ?? "?") \(result["from"]?.string ?? "?") to \(result["until"]?.string ?? "?")"
            let left = count("malformed") == "0" ? "" : ", \(count("malformed")) unreadable"
            return
                "\(at) \(place): \(count("received")) prices, \(count("inserted")) new, \(count("pages")) pages\(left)"
        }
        let reason = end.error.flatMap { try? JSONParser.parse($0) }?["message"]?.string ?? "no reason was given"
        return "\(at) a window \(end.state.rawValue): \(reason)"
    }

    /// A gap whose older part AWS does not keep any more is never called completed.
    private static func word(_ record: JobRecord, _ result: JSONValue) -> String {
        switch record.state {
        case .scheduled, .queued: "pending"
        case .running, .retrying: "filling"
        case .succeeded: result["status"]?.string ?? "completed"
        case .failed, .dead: "failed"
        case .cancelled: "cancelled"
        }
    }
}
