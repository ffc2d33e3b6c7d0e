import Foundation
import Jobs
import Postgres
import Support
import Testing

@Suite("Failure mode 2: a worker frozen for longer than its lease", .serialized)
struct FrozenWorkerTests {
    @Test("what it writes afterwards is refused and counted: results, errors, progress, checkpoints")
    func lateWrites() async throws {
        try await Fleet.with(settings: Fleet.faults, load: []) { fleet async throws in
            let frozen = try fleet.startWorker(["--concurrency", "12"])
            try await fleet.waitForWorkers(1)
            // All of them report progress all the time; when they go on, they end well, badly, or ask for another try.
            for fault in ["", #","late":true,"fault":"fail""#, #","late":true,"fault":"retry","until":1"#] {
                try await fleet.sendDrills(3, payload: #"{"seconds":3\#(fault)}"#)
            }
            try await Condition.holds(within: .seconds(20)) {
                try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'running' AND progress IS NOT NULL")
                    == 9
            }
            frozen.signal(SIGSTOP)
            let healthy = try fleet.startWorker(["--concurrency", "12"])
            // Started again by the other, some are under way and some have ended: what comes now comes late.
            try await Condition.holds(within: .seconds(30)) {
                try await fleet.count("SELECT count(*) FROM live_job WHERE lease_epoch < 3") == 0
            }
            frozen.signal(SIGCONT)
            try await Condition.holds(within: .seconds(20)) {
                frozen.log.contains("leases were lost") && frozen.log.contains("was refused")
            }
            try await fleet.waitUntilDrained(within: .seconds(40))
            let owner = "(SELECT id FROM worker WHERE pid = \(healthy.pid))"
            // The frozen one works again, under new leases; nothing ended under its old ones.
            #expect(
                try await fleet.count(
                    "SELECT count(*) FROM ended_job WHERE lease_owner <> \(owner) AND lease_epoch <= 3"
                ) == 0
            )
            #expect(try await fleet.count("SELECT count(*) FROM ended_job") == 9)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE state = 'failed'") == 3)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE state = 'succeeded'") == 6)
            // Three retries were asked for by the one who was allowed to.
            #expect(
                try await fleet.count(
                    "SELECT count(*) FROM failed_attempt WHERE outcome = 'retry' AND worker <> \(owner) AND lease_epoch < 3"
                ) == 0
            )
            #expect(try await fleet.count("SELECT count(*) FROM failed_attempt WHERE outcome = 'lease_expired'") == 9)
            try await fleet.expectConservation()
            for worker in [frozen, healthy] {
                worker.signal(SIGTERM)
                try await worker.ended()
            }
        }
    }
}
