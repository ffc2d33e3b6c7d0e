/// Which jobs are not accepted at present: those of drained lanes, kinds and tenants.
///
/// The rules are read once a second at most, beside the requests: an order takes effect within a second or two, and no
/// request waits for it.
actor IntakeDoors {
    private static let validFor: Duration = .seconds(1)

    private let ledger: JobLedger
    private var draining: [QueueRule] = []
    private var readAt: ContinuousClock.Instant?
    private var reading: Task<Void, Never>?

    init(ledger: JobLedger) {
        self.ledger = ledger
    }

    /// Why the job is not accepted now; nil when it is.
    func refusal(of job: NewJob) async -> JobError? {
        let isFirst = readAt == nil
        if readAt.map({ ContinuousClock.now - $0 >= Self.validFor }) ?? true {
            let task = reading ?? Task { await read() }
            reading = task
            if isFirst { await task.value }
        }
        guard let rule = draining.first(where: { $0.covers(lane: job.lane, kind: job.kind.name, tenant: job.tenant) })
        else { return nil }
        let reason = rule.reason.map { ": \($0)" } ?? ""
        return JobError(.draining, "the \(rule.scope.rawValue) \(rule.name) takes no new jobs at present\(reason)")
    }

    private func read() async {
        // A ledger that does not answer refuses the job by itself, with a better reason.
        if let rules = try? await ledger.rules() { draining = rules.filter { $0.mode == .draining } }
        readAt = .now
        reading = nil
    }
}
