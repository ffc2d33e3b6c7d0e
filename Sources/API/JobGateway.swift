import Contract
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Jobs
import ServiceLifecycle

/// The queue as the routes use it.
struct JobGateway: Sendable {
    /// The longest wait a request may ask for.
    static let longestWait: Duration = .seconds(60)
    /// How long a wait may go on once the process stops: the usual wait in full, and the answer still leaves in time.
    private static let stopPatience: Duration = .seconds(25)

    let intake: JobIntake
    let waiter: JobWaiter
    let ledger: JobLedger
    let doorbell: Doorbell

    /// Accepts the job and waits for its end; nil when the time is over first.
    ///
    /// The job goes on either way.
    func acceptAndWait(_ job: NewJob, atMost limit: Duration) async throws -> (id: JobID, record: JobRecord?) {
        await waiter.expect(job.id)
        let receipt: JobReceipt
        do {
            receipt = try await intake.accept(job)
        } catch {
            await waiter.forget(job.id)
            throw error
        }
        if receipt.id != job.id { await waiter.forget(job.id) }
        return (receipt.id, await wait(for: receipt.id, atMost: limit))
    }

    /// Cancels a job and its children, and tells whoever waits for them, at any API; without Redis they hear of it soon.
    func cancel(_ id: JobID, tenant: String?) async throws {
        let cancelled = try await ledger.cancel(id, tenant: tenant)
        guard !cancelled.ended.isEmpty else { return }
        Task { try? await doorbell.announce(cancelled.ended) }
    }

    /// The ended job, or nil when the time is over first, or the process stops and cannot stay for the rest of it.
    func wait(for id: JobID, atMost limit: Duration) async -> JobRecord? {
        // Ends by itself in time, whenever the stop comes; that is nearly every wait.
        guard limit > Self.stopPatience else { return await waiter.wait(for: id, atMost: limit) }
        return await withTaskGroup(of: JobRecord?.self) { group in
            group.addTask { await waiter.wait(for: id, atMost: limit) }
            group.addTask {
                try? await gracefulShutdown()
                try? await Task.sleep(for: Self.stopPatience)
                return nil
            }
            let record = await group.next() ?? nil
            group.cancelAll()
            return record
        }
    }
}

extension IdempotencyKey {
    /// The request's `Idempotency-Key`, with the hash of what it stands for; nil without the header.
    init?(_ request: Request, kind: JobKind, body: [UInt8]) throws(APIError) {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count) else {
            throw APIError(
                .invalidValue,
                "Idempotency-Key must have 1 to 255 characters",
                field: "Idempotency-Key",
                hint: "A UUID made once per intended request is a good key."
            )
        }
        var hash = SHA256()
        hash.update(data: Array(kind.name.utf8))
        hash.update(data: [0])
        hash.update(data: body)
        self.init(key: key, payloadHash: Array(hash.finalize()))
    }
}

extension JobStatusBody {
    /// A job accepted a moment ago, as the ledger holds it; its id carries the time.
    init(new job: NewJob) {
        self.init(
            jobID: job.id.description,
            kind: job.kind.name,
            lane: job.lane.rawValue,
            state: job.runAt.map { $0 > Date() } ?? false ? .scheduled : .queued,
            attempt: 0,
            acceptedAt: Timestamp(secondsSinceEpoch: job.id.acceptedAt.timeIntervalSince1970),
            runAt: job.runAt.map { Timestamp(secondsSinceEpoch: $0.timeIntervalSince1970) },
            parentID: job.parent?.description
        )
    }

    /// The job as the contract shows it.
    init(_ record: JobRecord) {
        self.init(
            jobID: record.id.description,
            kind: record.kind,
            lane: record.lane.rawValue,
            state: State(rawValue: record.state.rawValue) ?? .queued,
            attempt: record.attempt,
            acceptedAt: Timestamp(secondsSinceEpoch: record.acceptedAt.timeIntervalSince1970),
            runAt: record.runAt.map { Timestamp(secondsSinceEpoch: $0.timeIntervalSince1970) },
            startedAt: record.startedAt.map { Timestamp(secondsSinceEpoch: $0.timeIntervalSince1970) },
            finishedAt: record.finishedAt.map { Timestamp(secondsSinceEpoch: $0.timeIntervalSince1970) },
            progress: record.progress.flatMap(JobProgress.init(json:)).map { progress in
                Progress(
                    percent: progress.percent,
                    message: progress.message ?? record.state.rawValue,
                    etaSeconds: progress.etaSeconds,
                    done: progress.done,
                    total: progress.total
                )
            },
            result: record.result.map { JSONFragment(trusted: Array($0.utf8)) },
            error: record.failure.map(JSONFragment.init),
            parentID: record.parent?.description
        )
    }
}

extension JSONFragment {
    fileprivate init(_ failure: JobFailure) {
        self.init(
            [
                "code": .string(failure.code), "message": .string(failure.message), "field": .optional(failure.field),
                "hint": .optional(failure.hint),
            ] as JSONValue
        )
    }
}
