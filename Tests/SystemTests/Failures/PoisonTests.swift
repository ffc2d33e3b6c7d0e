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
                let ends = await crew.oldLogs.joined(separator: "\n---\n")
                #expect(await crew.starts == 4, "\(ends)")
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

    /// Memory that a worker of these tests may take, in megabytes: what eats more must not take the machine with it.
    private static let workerMemory = 2048

    @Test("a job that eats memory is quarantined; alone it dies of its own limit, and its neighbours succeed")
    func memory() async throws {
        let settings = Fleet.faults.merging(["ISOLATED_MEMORY_MB": "512"]) { $1 }
        try await Fleet.with(settings: settings, load: []) { fleet async throws in
            try await Crew.with { crew async throws in
                for _ in 0..<2 {
                    try await crew.add(
                        "cloudoptim-worker",
                        environment: fleet.environment,
                        memoryMegabytes: Self.workerMemory
                    )
                }
                try await fleet.waitForWorkers(2)
                let before = try await fleet.sendDrills(50, payload: #"{"seconds":0.05}"#)
                let hungry = try await fleet.sendDrills(1, payload: #"{"fault":"memory"}"#)
                let after = try await fleet.sendDrills(50, payload: #"{"seconds":0.05}"#)

                try await fleet.waitUntilDrained(within: .seconds(90))

                try await fleet.expectAll(before + after)
                try await fleet.expectAll(hungry, ended: .dead)
                #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt > 1") == 0)
                #expect(
                    try await fleet.count(
                        "SELECT count(*) FROM ended_job WHERE state = 'dead' AND error LIKE '%\"poison\"%'"
                    ) == 1
                )
                #expect(await crew.starts == 4)
                try await fleet.expectConservation()
            }
        }
    }

    @Test("jobs that kill, block and starve their workers leave the others four fifths of the fleet's speed")
    func throughput() async throws {
        let soak = Soak("poison")
        let settings = Fleet.faults.merging(["DRILL_TIME_LIMIT_SECONDS": "2", "ISOLATED_MEMORY_MB": "512"]) { $1 }
        try await Fleet.with(settings: settings, load: []) { fleet async throws in
            try await Crew.with { crew async throws in
                for _ in 0..<3 {
                    try await crew.add(
                        "cloudoptim-worker",
                        environment: fleet.environment,
                        memoryMegabytes: Self.workerMemory
                    )
                }
                try await fleet.waitForWorkers(3)
                let before = try await rate(fleet, seconds: soak.size(8, 180))
                soak.say("without: \(Int(before)) jobs/s")
                let poison = Task {
                    var ids: [JobID] = []
                    while !Task.isCancelled {
                        for fault in ["abort", "memory", "spin"] {
                            ids += try await fleet.sendDrills(1, payload: #"{"fault":"\#(fault)"}"#, tenant: "poison")
                        }
                        try? await Task.sleep(for: .seconds(30))
                    }
                    return ids
                }
                let beside = try await rate(fleet, seconds: soak.size(25, 300))
                poison.cancel()
                let bad = try await poison.value
                let share = beside / before
                soak.say("beside \(bad.count) poison jobs: \(Int(beside)) jobs/s, \(Int(share * 100)) %")

                try await fleet.waitUntilDrained(within: .seconds(180))
                try await fleet.expectAll(bad, ended: .dead)
                soak.say("quarantined: \(bad.count); workers started: \(await crew.starts)")
                #expect(
                    try await fleet.count(
                        "SELECT count(*) FROM ended_job WHERE tenant <> 'poison' AND state <> 'succeeded'"
                    )
                        == 0
                )
                #expect(
                    try await fleet.count("SELECT count(*) FROM ended_job WHERE tenant <> 'poison' AND attempt > 1")
                        == 0
                )
                // A short run on a shared machine measures the machine: only the soak judges.
                #expect(share >= (soak.isLong ? 0.8 : 0.4))
                try await fleet.expectConservation()
            }
        }
    }

    /// Jobs of a twentieth of a second that end in a second, with always more of them than places.
    private func rate(_ fleet: Fleet, seconds: Int) async throws -> Double {
        let count = "SELECT count(*) FROM ended_job WHERE tenant = '\(Fleet.drillTenant)'"
        try await fleet.sendDrills(500, payload: #"{"seconds":0.05}"#)
        let first = try await fleet.count(count)
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(seconds) {
            let waiting = try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'queued'")
            if waiting < 500 { try await fleet.sendDrills(500, payload: #"{"seconds":0.05}"#) }
            try await Task.sleep(for: .milliseconds(100))
        }
        let ended = try await fleet.count(count) - first
        return Double(ended) / ((ContinuousClock.now - start) / .seconds(1))
    }
}
