import Support
import Testing

@testable import Worker

@Suite("How many jobs a worker holds")
struct InFlightLimitTests {
    @Test("a new worker takes no more than its slots", arguments: [1, 4, 1024])
    func new(_ slots: Int) {
        #expect(InFlightLimit(slots: slots).limit == slots)
    }

    @Test("short jobs are fetched ahead, within a bound")
    func short() {
        var limit = InFlightLimit(slots: 4)
        for _ in 0..<200 { limit.record(runSeconds: 0.0001) }

        #expect(limit.limit > 4)
        #expect(limit.limit <= 256)
    }

    @Test("long jobs are not hoarded, and one short job changes little")
    func long() {
        var limit = InFlightLimit(slots: 4)
        for _ in 0..<50 { limit.record(runSeconds: 60) }
        limit.record(runSeconds: 0)

        #expect(limit.limit == 4)
    }

    @Test("after short jobs, long ones bring the limit back down")
    func backDown() {
        var limit = InFlightLimit(slots: 4)
        for _ in 0..<200 { limit.record(runSeconds: 0) }
        #expect(limit.limit > 100)
        for _ in 0..<10 { limit.record(runSeconds: 5) }

        #expect(limit.limit == 4)
    }

    @Test("a worker with more slots than the bound keeps its slots", arguments: [0.0, 1e-9, 1, 1e9])
    func many(_ seconds: Double) {
        var limit = InFlightLimit(slots: 1000)
        for _ in 0..<100 { limit.record(runSeconds: seconds) }

        #expect(limit.limit == 1000)
    }
}
