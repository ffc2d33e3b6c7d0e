import Jobs
import QueueModel
import Testing

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
        #expect(Duration.milliseconds(Timing.production.lease) == JobLedger.leaseLength)
    }
}
