import FoundationEssentials
import Testing

@testable import Jobs

@Suite("Parents and children")
struct ParentTests {
    private func children(_ count: Int) -> [NewJob] {
        (0..<count).map { NewJob(tenant: "acme", kind: .drill, payload: #"{"part":\#($0)}"#) }
    }

    private func end(_ job: NewJob, as state: JobState, _ queue: QueueFixture) async throws {
        let owner = UUID()
        let claimed = try #require(try await queue.ledger.claim([job.id], owner: owner, kinds: JobKind.all).first)
        let failure = state == .succeeded ? nil : JobFailure(code: "bad", message: "bad")
        _ = try await queue.ledger.complete(
            [Completion(lease: claimed.lease, state: state, result: failure == nil ? "{}" : nil, failure: failure)],
            owner: owner
        )
    }

    @Test("a parent waits, shows its children as progress, and is claimed again with their counts")
    func finishAll() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let parts = children(3)
            #expect(try await queue.ledger.fanOut(parent.lease, FanOut(children: parts), owner: owner))
            #expect(try await queue.ledger.job(parent.id, tenant: nil)?.state == .running)
            #expect(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).isEmpty)
            try await end(parts[0], as: .succeeded, queue)
            try await end(parts[1], as: .failed, queue)
            let seen = try #require(try await queue.ledger.job(parent.id, tenant: nil)?.progress)
            #expect(JobProgress(json: seen)?.done == 2)
            #expect(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).isEmpty)
            try await end(parts[2], as: .succeeded, queue)

            let again = try #require(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).first)

            #expect(again.children == ChildCounts(total: 3, open: 0, failed: 1))
            #expect(again.attempt == 1)
            #expect(again.lease.epoch > parent.lease.epoch)
        }
    }

    @Test("with fail-fast the first failure ends the wait, and the rest is cancelled")
    func failFast() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let parts = children(4)
            _ = try await queue.ledger.fanOut(parent.lease, FanOut(children: parts, failFast: true), owner: owner)
            try await end(parts[0], as: .dead, queue)

            let again = try #require(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).first)
            #expect(again.children == ChildCounts(total: 4, open: 3, failed: 1))
            let cancelled = try await queue.ledger.cancel(childrenOf: parent.id)
            #expect(Set(cancelled.ended) == Set(parts.dropFirst().map(\.id)))
            #expect(try await queue.ledger.job(parent.id, tenant: nil)?.state == .running)
        }
    }

    @Test("a lost lease fans nothing out: neither parent nor children change")
    func fenced() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            try await queue.expireLease(of: parent.id)
            _ = try await queue.ledger.reap()
            #expect(try await !queue.ledger.fanOut(parent.lease, FanOut(children: children(5)), owner: owner))
            #expect(try await queue.count("SELECT count(*) FROM job_live") == 1)
            #expect(try await queue.ledger.job(parent.id, tenant: nil)?.state == .queued)
        }
    }

    @Test("cancelling a parent cancels all its children, those that run as well")
    func cancel() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let parts = children(3)
            _ = try await queue.ledger.fanOut(parent.lease, FanOut(children: parts), owner: owner)
            let busy = try #require(try await queue.ledger.claim([parts[0].id], owner: owner, kinds: JobKind.all).first)

            let cancelled = try await queue.ledger.cancel(parent.id, tenant: "acme")

            #expect(Set(cancelled.ended) == Set([parent.id] + parts.dropFirst().map(\.id)))
            #expect(cancelled.told == [busy.id])
        }
    }

    @Test("the completion job is accepted in the transaction that ends the parent, and only there")
    func completion() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let parts = children(1)
            let order = CompletionJob(kind: .drill, payload: #"{"after":"all"}"#)
            _ = try await queue.ledger.fanOut(parent.lease, FanOut(children: parts, completion: order), owner: owner)
            try await end(parts[0], as: .succeeded, queue)
            let again = try #require(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).first)
            let next = try #require(NewJob(completionOf: again))
            let completion = Completion(lease: again.lease, state: .succeeded, result: "{}")

            #expect(try await !queue.ledger.complete(completion, followedBy: next, owner: UUID()))
            #expect(try await queue.ledger.job(next.id, tenant: nil) == nil)
            #expect(try await queue.ledger.complete(completion, followedBy: next, owner: owner))

            let accepted = try #require(try await queue.ledger.job(next.id, tenant: "acme"))
            #expect(accepted.parent == parent.id)
            #expect(try await queue.ledger.job(parent.id, tenant: nil)?.state == .succeeded)
        }
    }

    @Test("children that end at the same moment are each counted once")
    func concurrentEnds() async throws {
        try await QueueFixture.with { queue async throws in
            let owner = UUID()
            let parent = try await queue.claimed(by: owner)
            let parts = children(60)
            _ = try await queue.ledger.fanOut(parent.lease, FanOut(children: parts), owner: owner)
            try await withThrowingDiscardingTaskGroup { group in
                for part in parts { group.addTask { try await self.end(part, as: .succeeded, queue) } }
            }
            let again = try #require(try await queue.ledger.claim([parent.id], owner: owner, kinds: JobKind.all).first)
            #expect(again.children == ChildCounts(total: 60, open: 0, failed: 0))
        }
    }
}
