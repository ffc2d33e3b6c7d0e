import Contract

/// A job's stations with their times: accepted, claimed, finished.
struct JobLife {
    private let job: JSONValue

    init(_ job: JSONValue) {
        self.job = job
    }

    var text: String {
        let accepted = time("accepted_at")
        var lines = [
            "job \(job["job_id"]?.string ?? "?"), \(job["kind"]?.string ?? "?"), attempt \(job["attempt"]?.integer ?? 0)"
        ]
        for (name, key) in [("accepted", "accepted_at"), ("claimed", "started_at"), ("finished", "finished_at")] {
            guard let moment = time(key) else { continue }
            let since = accepted.map { moment.milliseconds - $0.milliseconds } ?? 0
            lines.append("  \(name.padding(to: 9)) \(moment)  +\(since) ms")
        }
        return lines.joined(separator: "\n")
    }

    private func time(_ key: String) -> Timestamp? {
        job[key]?.string.flatMap { Timestamp($0) }
    }
}

extension String {
    /// With blanks behind it, up to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
