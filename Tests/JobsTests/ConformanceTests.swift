import QueueModel
import Testing

@testable import Jobs

@Suite("The ledger on PostgreSQL keeps the queue's promises, as its model does")
struct ConformanceTests {
    @Test("every scenario holds", arguments: Scenario.all(for: JobLedgerUnderTest.features))
    func holds(_ scenario: Scenario) async throws {
        try await QueueFixture.with { queue async throws in
            try await scenario.run(JobLedgerUnderTest(queue))
        }
    }

    @Test("the model's times are the real ones")
    func timing() {
        let model = Timing.production
        #expect(Duration.milliseconds(model.lease) == JobLedger.leaseLength)
        #expect(Duration.milliseconds(model.patience) == DoorbellKeeper.patience)
        #expect(Duration.milliseconds(model.reclaimIdle) == DoorbellKeeper.reclaimIdle)
        #expect(Duration.milliseconds(model.longestPause) == ReapGate.longestPause)
        #expect(Duration.milliseconds(model.floorLag) == JobLedger.floorLag)
        #expect(MemoryLedger.maxCrashes == JobLedger.maxCrashes)
        #expect(MemoryLedger.crashesBeforeIsolation == JobLedger.crashesToIsolate)
    }
}
