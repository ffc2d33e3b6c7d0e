package import FoundationEssentials

/// The operators' records as JSON text: the API's routes and the command line show the same.
///
/// Names are the API's; what is unknown is left out.
package enum OperatorsJSON {
    package static func text(_ job: JobSummary) -> String { encode(JobDocument(job)) }
    package static func text(_ jobs: [JobSummary]) -> String { encode(jobs.map(JobDocument.init)) }
    package static func text(_ attempts: [JobAttempt]) -> String { encode(attempts.map(AttemptDocument.init)) }
    package static func text(_ groups: [DeadGroup]) -> String { encode(groups.map(GroupDocument.init)) }
    package static func text(_ workers: [WorkerRecord]) -> String { encode(workers.map(WorkerDocument.init)) }
    package static func text(_ rules: [QueueRule]) -> String { encode(rules.map(RuleDocument.init)) }
    package static func text(lanes counts: [QueueCount], at now: Date) -> String {
        encode(Lane.allCases.map { LaneDocument($0, counts.filter { [lane = $0] in $0.lane == lane }, now) })
    }

    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        // Texts, numbers and lists of them always encode; no number here is infinite.
        guard let bytes = try? encoder.encode(value) else { return "null" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct JobDocument: Encodable {
        let jobId: String
        let tenant: String
        let clusterId: String?
        let lane: String
        let kind: String
        let state: String
        let attempt: Int
        let crashCount: Int
        let acceptedAt: String
        let runAt: String?
        let startedAt: String?
        let finishedAt: String?
        let deadline: String?
        let error: JobFailure?
        let progress: JobProgress?
        let parentId: String?
        let workerId: String?
        let held: Bool
        let cancelRequested: Bool
        let children: ChildDocument?
        let discarded: Bool

        init(_ job: JobSummary) {
            jobId = job.id.description
            tenant = job.tenant
            clusterId = job.cluster.isEmpty ? nil : job.cluster
            lane = job.lane.rawValue
            kind = job.kind
            state = job.shownState.rawValue
            attempt = job.attempt
            crashCount = job.crashCount
            acceptedAt = job.acceptedAt.timestampText
            runAt = job.runAt?.timestampText
            startedAt = job.startedAt?.timestampText
            finishedAt = job.finishedAt?.timestampText
            deadline = job.deadline?.timestampText
            error = job.failure
            progress = job.progress.flatMap(JobProgress.init(json:))
            parentId = job.parent?.description
            workerId = job.worker?.uuidString.lowercased()
            held = job.isHeld
            cancelRequested = job.isCancelRequested
            children = job.children.map { ChildDocument(total: $0.total, open: $0.open, failed: $0.failed) }
            discarded = job.isDiscarded
        }
    }

    private struct ChildDocument: Encodable {
        let total: Int
        let open: Int
        let failed: Int
    }

    private struct AttemptDocument: Encodable {
        let attempt: Int
        let leaseEpoch: Int64
        let outcome: String
        let workerId: String?
        let startedAt: String?
        let endedAt: String?
        let error: JobFailure?

        init(_ attempt: JobAttempt) {
            self.attempt = attempt.attempt
            leaseEpoch = attempt.epoch
            outcome = attempt.outcome
            workerId = attempt.worker?.uuidString.lowercased()
            startedAt = attempt.startedAt?.timestampText
            endedAt = attempt.endedAt?.timestampText
            error = attempt.failure
        }
    }

    private struct GroupDocument: Encodable {
        let kind: String
        let code: String
        let count: Int
        let firstAt: String
        let lastAt: String
        let message: String
        let examples: [String]

        init(_ group: DeadGroup) {
            kind = group.kind
            code = group.code
            count = group.count
            firstAt = group.firstAt.timestampText
            lastAt = group.lastAt.timestampText
            message = group.message
            examples = group.examples.map(\.description)
        }
    }

    private struct WorkerDocument: Encodable {
        let workerId: String
        let host: String
        let pid: Int32
        let version: String
        let lanes: [String]
        let kinds: [String]
        let slots: Int
        let running: Int
        let startedAt: String
        let lastSeen: String
        let alive: Bool
        let stopping: Bool
        let orders: String

        init(_ worker: WorkerRecord) {
            workerId = worker.id.uuidString.lowercased()
            host = worker.host
            pid = worker.processID
            version = worker.version
            lanes = worker.lanes.map(\.rawValue)
            kinds = worker.kinds
            slots = worker.slots
            running = worker.running
            startedAt = worker.startedAt.timestampText
            lastSeen = worker.lastSeen.timestampText
            alive = worker.isAlive
            stopping = worker.isStopping
            orders = worker.orders.rawValue
        }
    }

    private struct RuleDocument: Encodable {
        let scope: String
        let name: String
        let mode: String
        let maxRunning: Int?
        let reason: String?

        init(_ rule: QueueRule) {
            scope = rule.scope.rawValue
            name = rule.name
            mode = rule.mode.rawValue
            maxRunning = rule.maxRunning
            reason = rule.reason
        }
    }

    private struct LaneDocument: Encodable {
        let lane: String
        let weight: Int
        let queued: Int
        let held: Int
        let running: Int
        let scheduled: Int
        let retrying: Int
        let dead: Int
        let estimated: Bool
        let oldestWaitingSeconds: Double
        let kinds: [KindDocument]

        init(_ lane: Lane, _ counts: [QueueCount], _ now: Date) {
            func sum(_ state: JobState, held: Bool = false) -> Int {
                counts.filter { $0.state == state && $0.isHeld == held }.map(\.count).reduce(0, +)
            }
            self.lane = lane.rawValue
            weight = lane.weight
            queued = sum(.queued)
            held = counts.filter(\.isHeld).map(\.count).reduce(0, +)
            running = sum(.running)
            scheduled = sum(.scheduled)
            retrying = sum(.retrying)
            dead = sum(.dead)
            estimated = counts.contains(where: \.isEstimated)
            oldestWaitingSeconds = counts.longestWait(at: now)
            kinds = counts.map(KindDocument.init).sorted { ($0.kind, $0.state) < ($1.kind, $1.state) }
        }
    }

    private struct KindDocument: Encodable {
        let kind: String
        let state: String
        let held: Bool
        let count: Int
        let estimated: Bool

        init(_ count: QueueCount) {
            kind = count.kind
            state = count.state.rawValue
            held = count.isHeld
            self.count = count.count
            estimated = count.isEstimated
        }
    }
}

extension [QueueCount] {
    /// Seconds that the longest waiting ready job has waited, to the millisecond; 0 when none waits.
    package func longestWait(at now: Date) -> Double {
        let oldest = filter { $0.state == .queued && !$0.isHeld }.compactMap(\.oldest).min()
        return oldest.map { (Swift.max(0, now.timeIntervalSince($0)) * 1000).rounded() / 1000 } ?? 0
    }
}

extension JobSummary {
    /// Where it stands for its caller: a job that waits for its children is running.
    package var shownState: JobState {
        state == .scheduled && (children?.open ?? 0) > 0 ? .running : state
    }
}

extension Date {
    /// RFC 3339 in UTC, to the millisecond.
    package var timestampText: String {
        formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
