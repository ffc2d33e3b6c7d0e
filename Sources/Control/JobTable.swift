import FoundationEssentials
import Jobs

/// Jobs under headings, the newest first.
struct JobTable {
    let jobs: [JobSummary]
    let now: Date

    var text: String {
        var table = TextTable([
            .init(heading: "job"), .init(heading: "state"), .init(heading: "kind"), .init(heading: "lane"),
            .init(heading: "tenant"), .init(heading: "try", isNumber: true), .init(heading: "age", isNumber: true),
            .init(heading: "took", isNumber: true), .init(heading: "remark"),
        ])
        for job in jobs {
            table.add([
                job.id.description, job.stateText, job.kind, job.lane.rawValue, job.tenant.shortened(to: 24),
                "\(job.attempt)", Age.text(from: job.acceptedAt, to: now), job.took(now),
                job.remark(now).shortened(to: 60),
            ])
        }
        return table.text
    }
}

extension JobSummary {
    var stateText: String {
        if isDiscarded { return "\(state.rawValue) (discarded)" }
        if isCancelRequested { return "\(shownState.rawValue) (cancelling)" }
        return isHeld ? "\(state.rawValue) (held)" : shownState.rawValue
    }

    /// How long the latest attempt ran, or has run by now.
    fileprivate func took(_ now: Date) -> String {
        guard let startedAt else { return "" }
        if let finishedAt { return worker == nil ? "" : Age.text(from: startedAt, to: finishedAt) }
        return state == .running ? Age.text(from: startedAt, to: now) : ""
    }

    /// The one thing worth knowing beside the state.
    fileprivate func remark(_ now: Date) -> String {
        if let children { return "\(children.total - children.open) of \(children.total) children ended" }
        if let failure { return "\(failure.code): \(failure.message)" }
        if state == .running, let progress = progress.flatMap(JobProgress.init(json:)) {
            return "\(Int(progress.percent)) %\(progress.message.map { " \($0)" } ?? "")"
        }
        if state == .scheduled || state == .retrying, let runAt { return "in \(Age.text(from: now, to: runAt))" }
        return crashCount > 0 ? "\(crashCount) workers died with it" : ""
    }
}

/// Attempts under headings, in order.
struct AttemptTable {
    let attempts: [JobAttempt]
    let now: Date

    var text: String {
        var table = TextTable([
            .init(heading: "try", isNumber: true), .init(heading: "outcome"), .init(heading: "started"),
            .init(heading: "ran", isNumber: true), .init(heading: "worker"), .init(heading: "error"),
        ])
        for attempt in attempts {
            table.add([
                "\(attempt.attempt)", attempt.outcome, attempt.startedAt?.timestampText ?? "",
                attempt.startedAt.map { Age.text(from: $0, to: attempt.endedAt ?? now) } ?? "",
                attempt.worker.map { String($0.uuidString.lowercased().prefix(8)) } ?? "",
                attempt.failure.map { "\($0.code): \($0.message)".shortened(to: 60) } ?? "",
            ])
        }
        return table.text
    }
}
