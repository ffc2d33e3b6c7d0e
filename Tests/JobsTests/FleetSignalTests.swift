import FoundationEssentials
import Postgres
import Testing

@testable import Jobs

@Suite("The fleet signal")
struct FleetSignalTests {
    private func addWorker(_ queue: QueueFixture, slots: Int = 8, runSeconds: String? = nil) async throws {
        _ = try await queue.pool.query(
            """
            INSERT INTO worker (id, host, pid, version, lanes, kinds, slots, run_seconds)
            VALUES ($1, 'here', 1, 'test', '{critical,interactive,batch,bulk}', '{}', $2, $3)
            """,
            [.uuid(UUID()), .int(Int64(slots)), PostgresValue(runSeconds)]
        )
    }

    @Test("an empty fleet has zeros and no null")
    func empty() async throws {
        try await QueueFixture.with { queue async throws in
            let signal = try await queue.ledger.fleetSignal(.init())
            #expect(signal.lanes.map(\.lane) == Lane.allCases)
            #expect(signal.suggestedWorkers == 0)
            #expect(signal.lanes.allSatisfy { $0.backlogSeconds == 0 && $0.oldestSeconds == 0 && !$0.isEstimated })
            #expect(!signal.json.contains("null"))
        }
    }

    @Test("the backlog is jobs times what a job of their kind takes, as workers have measured it")
    func backlog() async throws {
        try await QueueFixture.with { queue async throws in
            _ = try await queue.accept((0..<30).map { _ in queue.newJob(kind: .pricingFetch) })
            let prior = try await queue.ledger.fleetSignal(.init())
            let batch = try #require(prior.lanes.first { $0.lane == .batch })
            #expect(batch.backlogSeconds == 30.0 * JobKind.pricingFetch.expectedSeconds)

            try await addWorker(queue, runSeconds: #"{"pricing.fetch": {"count": 40, "mean": 60}}"#)
            try await addWorker(
                queue,
                runSeconds: #"{"pricing.fetch": {"count": 20, "mean": 20}, "drill.noop": {"count": 1, "mean": 1}}"#
            )
            try await addWorker(queue, runSeconds: "not json")
            try await queue.ledger.rememberCosts()
            let measured = try await queue.ledger.fleetSignal(.init(batch: 60))
            let lane = try #require(measured.lanes.first { $0.lane == .batch })
            #expect(lane.backlogSeconds == 1200.0)
            #expect(lane.neededSlots == 20)
            #expect(lane.suggestedWorkers == 3)  // of eight slots each
            #expect(lane.workers == 3)
            #expect(lane.slots == 24)
            #expect(lane.oldestSeconds >= 0)
            #expect(measured.suggestedWorkers == 3)

            _ = try await queue.pool.query("DELETE FROM worker", [])
            let remembered = try await queue.ledger.fleetSignal(.init(), defaultSlots: 4)
            #expect(remembered.lanes.first { $0.lane == .batch }?.backlogSeconds == 1200.0)
            #expect(remembered.suggestedWorkers == 5)
        }
    }

    @Test("jobs that a rule holds back ask for no workers")
    func held() async throws {
        try await QueueFixture.with { queue async throws in
            _ = try await queue.accept([queue.newJob(), queue.newJob()])
            try await queue.ledger.setMode(.paused, scope: .lane, name: "batch", reason: nil)
            _ = try await queue.ledger.holdPaused(lane: .batch)
            let batch = try #require(try await queue.ledger.fleetSignal(.init()).lanes.first { $0.lane == .batch })
            #expect(batch.held == 2)
            #expect(batch.queued == 0)
            #expect(batch.suggestedWorkers == 0)
        }
    }

    @Test("beyond the bound the counts are estimated, and say so")
    func estimated() async throws {
        try await QueueFixture.with { queue async throws in
            _ = try await queue.accept((0..<300).map { _ in queue.newJob() })
            let signal = try await queue.ledger.fleetSignal(
                .init(),
                counts: try await queue.ledger.queueCounts(exactly: 50)
            )
            let batch = try #require(signal.lanes.first { $0.lane == .batch })
            #expect(batch.isEstimated)
            #expect(batch.queued == 300)
            #expect(signal.json.contains(#""estimated":true"#))
        }
    }

    @Test("the scale of the sample is that of the table: counts of a large one are near the truth")
    func sampled() throws {
        let seen = [
            QueueCount(
                lane: .batch,
                kind: "a",
                state: .queued,
                isHeld: false,
                count: 100,
                isEstimated: false,
                oldest: nil
            )
        ]
        let sample = [
            QueueCount(
                lane: .batch,
                kind: "a",
                state: .queued,
                isHeld: false,
                count: 5000,
                isEstimated: true,
                oldest: nil
            ),
            QueueCount(
                lane: .batch,
                kind: "b",
                state: .queued,
                isHeld: false,
                count: 70,
                isEstimated: true,
                oldest: nil
            ),
            QueueCount(lane: .bulk, kind: "c", state: .queued, isHeld: false, count: 9, isEstimated: true, oldest: nil),
        ]
        let merged = JobLedger.merge(seen, overflowing: ["ready:batch"], sample: sample, heads: [:])
        #expect(merged.map(\.count) == [5000, 70])
        #expect(merged.allSatisfy { $0.isEstimated })
    }
}
