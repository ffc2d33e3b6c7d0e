import FoundationEssentials
import Jobs
import Postgres
import Testing

@Suite("Job ids")
struct JobIDTests {
    @Test("an id tells when it was made, sorts by it, and reads back from its text")
    func version7() throws {
        let early = JobID.make(now: Date(timeIntervalSince1970: 1_700_000_000.123))
        let late = JobID.make(now: Date(timeIntervalSince1970: 1_700_000_001))
        #expect(abs(early.acceptedAt.timeIntervalSince1970 - 1_700_000_000.123) < 0.001)
        #expect(early.description < late.description)
        #expect(JobID(early.description) == early)
    }

    @Test(
        "other shapes are refused",
        arguments: [
            "", "1", "not-a-job", "0190a5f2-7c3e-4b1a-9d4e-2f6a8b0c1d2e", "0190a5f27c3e7b1a9d4e2f6a8b0c1d2e",
            "0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2e0", "{0190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2}",
            "ä190a5f2-7c3e-7b1a-9d4e-2f6a8b0c1d2",
        ]
    )
    func otherShapes(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test(
        "the ledger finds the day that the id says, around midnight too",
        arguments: [0, 1, 86_399, 86_400, 1_790_000_000]
    )
    func day(offset: Int) async throws {
        try await QueueFixture.with { queue async throws in
            let date = Date(timeIntervalSince1970: Double(1_700_000_000 + offset))
            let id = JobID.make(now: date)
            let day = try await queue.pool.query("SELECT uuid_v7_day($1)::text", [.uuid(id.uuid)])[0].get(
                0,
                as: String.self
            )
            let expected = String(date.formatted(.iso8601).prefix(10))
            #expect(day == expected)
        }
    }
}
