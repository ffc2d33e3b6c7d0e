import Foundation
import Jobs
import Postgres
import Support
import Testing

@Suite("Failure mode 14: builds of two ages side by side", .serialized)
struct UpgradeTests {
    /// Drills of a payload version that no worker of today knows, as a newer API would accept them.
    private func sendNewer(_ count: Int, _ fleet: Fleet) async throws -> [JobID] {
        let jobs = (0..<count).map { _ in
            NewJob(tenant: Fleet.drillTenant, kind: .drill, payload: "{}", payloadVersion: 2)
        }
        return try await fleet.intake.accept(batch: jobs).map { try $0.get().id }
    }

    private func expectNobodyGaveUp(_ fleet: Fleet) async throws {
        #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE state <> 'succeeded'") == 0)
        #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE attempt > 0 AND state <> 'running'") == 0)
    }

    @Test("API first: a worker that does not know a kind leaves its jobs alone, and one that does runs them")
    func newKind() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let old = try fleet.startWorker(["--kinds", "pricing.fetch"])
            try await fleet.waitForWorkers(1)
            let ids = try await fleet.sendDrills(40)
            // The old one has met them and put them off.
            try await Condition.holds(within: .seconds(20)) {
                try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'scheduled'") > 0
            }
            try await expectNobodyGaveUp(fleet)
            let new = try fleet.startWorker()
            // Those the old one meets again are put off again, for longer each time.
            try await fleet.waitUntilDrained(within: .seconds(120))
            try await fleet.expectAll(ids)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt <> 1") == 0)
            try await fleet.expectConservation()
            for worker in [old, new] {
                worker.signal(SIGTERM)
                try await worker.ended()
            }
        }
    }

    @Test("workers first or last: a newer payload waits unharmed among older ones, which go on at full speed")
    func newVersion() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let newer = try await sendNewer(50, fleet)
            let older = try await fleet.sendDrills(500)
            try await Condition.holds(within: .seconds(30)) {
                try await fleet.count("SELECT count(*) FROM ended_job") == 500
            }
            try await fleet.expectAll(older)
            try await expectNobodyGaveUp(fleet)
            #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE payload_version = 2") == 50)
            // The build that knows them comes: here, by making them what this one knows.
            _ = try await fleet.pool.query("UPDATE job_live SET payload_version = 1", [])
            try await fleet.waitUntilDrained(within: .seconds(60))
            try await fleet.expectAll(newer)
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
