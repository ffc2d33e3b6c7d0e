import Foundation
import Jobs
import Postgres
import Support
import Testing

@Suite("Failure mode 17: workers that are told to leave", .serialized)
struct OrdersTests {
    @Test("quiet: what runs goes on, nothing new starts; then work again")
    func quiet() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker(["--concurrency", "4"])
            try await fleet.waitForWorkers(1)
            let ids = try await fleet.sendDrills(20, payload: #"{"seconds":1}"#)
            let running = "SELECT count(*) FROM live_job WHERE state = 'running'"
            try await Condition.holds { try await fleet.count(running) >= 3 }
            _ = try await fleet.pool.query("UPDATE worker SET orders = 'quiet'", [])

            try await Condition.holds(within: .seconds(10)) { try await fleet.count(running) == 0 }
            #expect(worker.isRunning)
            #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'queued'") > 0)
            let left = try await fleet.count("SELECT count(*) FROM live_job")

            _ = try await fleet.pool.query("UPDATE worker SET orders = 'none'", [])
            try await Condition.holds { try await fleet.count("SELECT count(*) FROM live_job") < left }
            try await fleet.waitUntilDrained()
            try await fleet.expectAll(ids)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt <> 1") == 0)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test("stop: unfinished jobs are handed back within two seconds of the order's beat, attempts unchanged")
    func stop() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let ids = try await fleet.sendDrills(20, payload: #"{"seconds":5}"#)
            try await Condition.holds {
                try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'running'") > 0
            }
            let start = ContinuousClock.now
            _ = try await fleet.pool.query("UPDATE worker SET orders = 'stop'", [])
            try await worker.ended()
            // Orders travel with the beat, once a second.
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(worker.status == 0)
            #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'running'") == 0)
            #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE attempt > 0 OR crash_count > 0") == 0)

            let next = try fleet.startWorker(["--concurrency", "20"])
            try await fleet.waitUntilDrained()
            try await fleet.expectAll(ids)
            next.signal(SIGTERM)
            try await next.ended()
        }
    }
}
