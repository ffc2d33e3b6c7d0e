import Foundation
import Jobs
import Support
import Testing

@Suite("Failure mode 7: jobs that kill or block their workers", .serialized)
struct PoisonTests {
    @Test(
        "a job that aborts is quarantined after two deaths and one alone; its neighbours all succeed in their first attempt"
    )
    func aborting() async throws {
        try await Fleet.with(settings: Fleet.faults, load: []) { fleet async throws in
            try await Crew.with { crew async throws in
                for _ in 0..<2 { try await crew.add("cloudoptim-worker", environment: fleet.environment) }
                try await fleet.waitForWorkers(2)
                let before = try await fleet.sendDrills(100, payload: #"{"seconds":0.05}"#)
                let poison = try await fleet.sendDrills(1, payload: #"{"fault":"abort"}"#)
                let after = try await fleet.sendDrills(100, payload: #"{"seconds":0.05}"#)

                try await fleet.waitUntilDrained(within: .seconds(90))

                try await fleet.expectAll(before + after)
                try await fleet.expectAll(poison, ended: .dead)
                #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt > 1") == 0)
                #expect(
                    try await fleet.count(
                        """
                        SELECT count(*) FROM ended_job
                        WHERE state = 'dead' AND crash_count = 2 AND payload IS NOT NULL AND error LIKE '%"poison"%'
                        """
                    ) == 1
                )
                // Two workers died with it, and no third.
                #expect(await crew.starts == 4)
                try await fleet.expectConservation()
            }
        }
    }

    @Test(
        "an endless job that ignores its time limit costs one worker its process once; alone it is killed in time, and others go on",
        arguments: ["ignore_cancel", "spin"]
    )
    func endless(_ fault: String) async throws {
        let settings = Fleet.faults.merging(["DRILL_TIME_LIMIT_SECONDS": "2"]) { $1 }
        try await Fleet.with(settings: settings, load: []) { fleet async throws in
            try await Crew.with { crew async throws in
                for _ in 0..<2 { try await crew.add("cloudoptim-worker", environment: fleet.environment) }
                try await fleet.waitForWorkers(2)
                let endless = try await fleet.sendDrills(1, payload: #"{"fault":"\#(fault)"}"#)
                var others: [JobID] = []
                try await Condition.holds(within: .seconds(60)) {
                    others += try await fleet.sendDrills(5, payload: #"{"seconds":0.05}"#)
                    return try await fleet.ledger.ended(among: endless).count == 1
                }
                try await fleet.waitUntilDrained()

                try await fleet.expectAll(others)
                try await fleet.expectAll(endless, ended: .dead)
                #expect(
                    try await fleet.count(
                        "SELECT count(*) FROM ended_job WHERE state = 'dead' AND error LIKE '%\"time_limit\"%'"
                    ) == 1
                )
                #expect(await crew.starts == 3)
                try await fleet.expectConservation()
            }
        }
    }
}
