import Testing
import ThreadExecution

@Suite("smoke") struct SmokeTests {
    @Test("pool runs work") func runs() async throws {
        let pool = ComputePool(name: "t", threads: 2)
        #expect(try await pool.run { 1 + 1 } == 2)
        await pool.shutdown()
    }
}
