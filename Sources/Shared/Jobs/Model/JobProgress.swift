import FoundationEssentials

/// How far a running job is, as its handler reports it.
package struct JobProgress: Sendable, Equatable, Codable {
    /// 0 to 100.
    package var percent: Double
    package var message: String?
    /// Of what the job counts: rows, pages, regions.
    package var done: Int?
    package var total: Int?
    /// Until the end, if it goes on as it went.
    package var etaSeconds: Double?

    package init(
        percent: Double,
        message: String? = nil,
        done: Int? = nil,
        total: Int? = nil,
        etaSeconds: Double? = nil
    ) {
        self.percent = percent.isFinite ? min(max(percent, 0), 100) : 0
        self.message = message
        self.done = done
        self.total = total
        self.etaSeconds = etaSeconds
    }

    /// Progress from a count, with the remaining time if each further item takes as long as those so far.
    package init(done: Int, total: Int, message: String? = nil, elapsed: Duration) {
        let share = total > 0 ? Double(done) / Double(total) : 0
        self.init(
            percent: share * 100,
            message: message,
            done: done,
            total: total,
            etaSeconds: done > 0 ? elapsed.inSeconds / Double(done) * Double(max(0, total - done)) : nil
        )
    }

    private enum CodingKeys: String, CodingKey {
        case percent, message, done, total
        case etaSeconds = "eta_seconds"
    }

    /// What stands beside a job; nil for anything else.
    package init?(json: String) {
        guard let progress = try? JSONDecoder().decode(JobProgress.self, from: Data(json.utf8)) else { return nil }
        self = progress
    }

    /// As stored beside the job.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else { return "{}" }
        return String(decoding: bytes, as: UTF8.self)
    }
}
