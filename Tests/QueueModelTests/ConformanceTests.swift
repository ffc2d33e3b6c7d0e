import QueueModel
import Testing

@Suite("The ledger in memory keeps the queue's promises")
struct MemoryConformanceTests {
    @Test("every scenario holds", arguments: Scenario.all(for: MemoryLedgerUnderTest.features))
    func holds(_ scenario: Scenario) async throws {
        try await scenario.run(MemoryLedgerUnderTest())
    }

    @Test("no scenario is left out")
    func complete() {
        #expect(Scenario.all(for: MemoryLedgerUnderTest.features).count == Scenario.all.count)
    }
}
