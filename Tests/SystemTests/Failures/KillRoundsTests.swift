import Foundation
import Jobs
import Support
import Testing

@Suite("Failure mode 1: workers killed in a burst", .serialized)
struct KillRoundsTests {
    @Test(
        "kill -9 of one or all workers, round after round: every job ends, p99 of being started again is 15 s at most"
    )
    func rounds() async throws {
        let soak = Soak("kill-rounds")
        var dice = SeededGenerator(seed: soak.seed)
        try await Fleet.with(load: []) { fleet async throws in
            try await Crew.with { crew async throws in
                for _ in 0..<3 { try await crew.add("cloudoptim-worker", environment: fleet.environment) }
                var worst = 0.0
                var killed = 0
                for round in 1...soak.size(2, 50) {
                    try await fleet.waitForWorkers(3)
                    let ids = try await fleet.sendDrills(600, payload: #"{"seconds":0.1}"#)
                    try await Condition.holds(within: .seconds(20)) {
                        try await fleet.count(
                            "SELECT count(DISTINCT lease_owner) FROM live_job WHERE state = 'running'"
                        ) == 3
                    }
                    let victims = round.isMultiple(of: 2) ? [0, 1, 2] : [Int.random(in: 0..<3, using: &dice)]
                    let moment = try await fleet.ledgerTime
                    for victim in victims { await crew.signal(victim, SIGKILL) }
                    try await fleet.waitUntilDrained(within: .seconds(90))
                    try await fleet.expectAll(ids)
                    let recovery = try await fleet.recovery(from: moment)
                    worst = max(worst, recovery.p99)
                    killed += recovery.jobs
                    soak.say(
                        "round \(round): killed \(victims.count), \(recovery.jobs) jobs lost their worker, p99 \(recovery.p99) s"
                    )
                    #expect(recovery.p99 <= 15)
                }
                #expect(killed > 0)
                #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt <> 1") == 0)
                try await fleet.expectConservation()
                soak.say("worst p99 \(worst) s over \(killed) jobs that lost their worker")
            }
        }
    }
}
