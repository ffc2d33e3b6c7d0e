import Access
import Contract
import Crypto
import FoundationEssentials
import Jobs
import Registry

/// Reads one job of `POST /jobs` or `POST /jobs:batch`, and checks its payload as the job's own route would.
struct JobSubmission: Sendable {
    /// A job further ahead than this is a mistake: a schedule repeats, a job does not.
    private static let furthest: TimeInterval = 366 * 86_400

    let validator: DecisionValidator
    let defaultRegion: String

    /// - Throws: 403 for kinds the caller may not send, 422 with field and hint for everything else.
    func job(_ item: JSONReader, caller: Identity) async throws -> NewJob {
        let kind = try kind(try item.required("kind", hint: "Send one of \(Self.kinds)."))
        if kind == .modelRefresh, !caller.may(.models) {
            throw APIError(.forbidden, "refreshes are for keys with the scope models", field: "kind")
        }
        if kind == .drill, !caller.may(.admin) {
            throw APIError(.forbidden, "drills are for operators", field: item.field.map { "\($0).kind" } ?? "kind")
        }
        let payload = try item.required("payload")
        var job = NewJob(
            tenant: caller.tenant,
            kind: kind,
            payload: try text(of: payload, kind),
            lane: try item.optional("lane").map(lane)
        )
        job.cluster = try await check(payload, job, kind)
        if let cluster = try item.optional("cluster_id") { job.cluster = try cluster.string() }
        try setTimes(of: &job, item)
        if let key = try item.optional("idempotency_key") {
            job.idempotency = IdempotencyKey(key: try key.string(), payloadHash: Self.hash(item.value))
        }
        return job
    }

    /// The other kinds are parts of these, or have a route of their own.
    private static let offered = JobKind.decisions + [.pricingFetch, .spotHistory, .modelRefresh, .drill]
    private static let kinds = offered.map(\.name).joined(separator: ", ")

    private func kind(_ reader: JSONReader) throws(APIError) -> JobKind {
        guard let kind = JobKind.named(try reader.string()), Self.offered.contains(kind) else {
            throw reader.invalid("is no kind of job", hint: "Send one of \(Self.kinds).")
        }
        return kind
    }

    private func lane(_ reader: JSONReader) throws(APIError) -> Lane {
        guard let lane = Lane(rawValue: try reader.string()) else {
            throw reader.invalid("is no lane", hint: "Send critical, interactive, batch or bulk.")
        }
        return lane
    }

    private func text(of payload: JSONReader, _ kind: JobKind) throws(APIError) -> String {
        _ = try payload.object()
        switch kind {
        case .pricingFetch:
            return try PriceFetchOrder(body: payload.value.bytes(), defaultRegion: defaultRegion).json.text(.canonical)
        case .spotHistory:
            let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
            return try SpotHistoryOrder(payload, now: now, defaultRegion: defaultRegion).json.text(.canonical)
        case .modelRefresh:
            let now = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970)
            return try RefreshOrder(payload, now: now, defaultRegion: defaultRegion).json().text(.canonical)
        default: return payload.value.text()
        }
    }

    /// - Returns: The cluster that the payload names; empty without one.
    private func check(_ payload: JSONReader, _ job: NewJob, _ kind: JobKind) async throws -> String {
        guard let type = kind.decision else { return "" }
        do {
            return try await validator.check(Array(job.payload.utf8), type: type)
        } catch let error as APIError {
            let prefix = payload.field ?? "payload"
            throw APIError(
                error.code,
                error.message,
                field: error.field.map { "\(prefix).\($0)" } ?? prefix,
                hint: error.hint
            )
        }
    }

    private func setTimes(of job: inout NewJob, _ item: JSONReader) throws(APIError) {
        let now = Date()
        if let reader = try item.optional("run_at") {
            let runAt = Date(timeIntervalSince1970: try reader.timestamp().secondsSinceEpoch)
            guard runAt.timeIntervalSince(now) < Self.furthest else {
                throw reader.invalid("lies more than a year ahead", hint: "Send a time within a year, or none.")
            }
            if runAt > now { job.runAt = runAt }
        }
        guard let reader = try item.optional("deadline") else { return }
        let deadline = Date(timeIntervalSince1970: try reader.timestamp().secondsSinceEpoch)
        guard deadline > max(now, job.runAt ?? now) else {
            throw reader.invalid(
                "has passed, or lies before run_at",
                hint: "Send a deadline that leaves time for the work, or none."
            )
        }
        job.deadline = deadline
    }

    private static func hash(_ item: JSONValue) -> [UInt8] {
        Array(SHA256.hash(data: Array(item.text(.canonical).utf8)))
    }
}
