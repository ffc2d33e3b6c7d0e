/// A job as callers see it: the body of every 202 and of `GET /jobs/{id}`.
package struct JobStatusBody: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case scheduled, queued, running, retrying, succeeded, failed, cancelled, dead

        /// True once nothing more will happen.
        package var isFinal: Bool {
            switch self {
            case .succeeded, .failed, .cancelled, .dead: true
            case .scheduled, .queued, .running, .retrying: false
            }
        }
    }

    package struct Progress: Sendable, Hashable {
        /// 0 to 100.
        package var percent: Double
        package var message: String
        package var etaSeconds: Double?
        /// Of what the job counts: rows, pages, parts.
        package var done: Int?
        package var total: Int?

        package init(
            percent: Double,
            message: String,
            etaSeconds: Double? = nil,
            done: Int? = nil,
            total: Int? = nil
        ) {
            self.percent = min(100, max(0, percent))
            self.message = message
            self.etaSeconds = etaSeconds
            self.done = done
            self.total = total
        }

        var json: JSONValue {
            var body: JSONObject = ["percent": .rounded(percent, 2), "message": .string(message)]
            if let etaSeconds { body["eta_seconds"] = .rounded(etaSeconds, 1) }
            if let done { body["done"] = .integer(Int64(done)) }
            if let total { body["total"] = .integer(Int64(total)) }
            return .object(body)
        }
    }

    package var jobID: String
    package var kind: String
    package var lane: String
    package var state: State
    /// 0 before the first claim.
    package var attempt: Int
    package var acceptedAt: Timestamp
    /// Not before this instant; set while scheduled or retrying.
    package var runAt: Timestamp?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var progress: Progress
    /// The result, either parsed or as the stored bytes of JSON.
    package var result: JSONFragment?
    package var error: JSONFragment?
    package var parentID: String?

    package init(
        jobID: String,
        kind: String,
        lane: String,
        state: State,
        attempt: Int,
        acceptedAt: Timestamp,
        runAt: Timestamp? = nil,
        startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil,
        progress: Progress? = nil,
        result: JSONFragment? = nil,
        error: JSONFragment? = nil,
        parentID: String? = nil
    ) {
        self.jobID = jobID
        self.kind = kind
        self.lane = lane
        self.state = state
        self.attempt = attempt
        self.acceptedAt = acceptedAt
        self.runAt = runAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.progress = progress ?? Progress(percent: state == .succeeded ? 100 : 0, message: state.rawValue)
        self.result = result
        self.error = error
        self.parentID = parentID
    }

    /// The body; optional members are left out while they are unknown.
    package var bytes: [UInt8] {
        var body: JSONObject = [
            "job_id": .string(jobID), "kind": .string(kind), "lane": .string(lane), "state": .string(state.rawValue),
            "attempt": .integer(Int64(attempt)), "accepted_at": .string(acceptedAt.description),
        ]
        body["run_at"] = runAt.map { .string($0.description) }
        body["started_at"] = startedAt.map { .string($0.description) }
        body["finished_at"] = finishedAt.map { .string($0.description) }
        body["progress"] = progress.json
        body["parent_id"] = parentID.map { .string($0) }
        var bytes = JSONValue.object(body).bytes()
        for (name, fragment) in [("result", result), ("error", error)] {
            guard let fragment else { continue }
            bytes.removeLast()  // the closing brace, put back below
            bytes.append(contentsOf: ",\"\(name)\":".utf8)
            bytes.append(contentsOf: fragment.bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes
    }
}
