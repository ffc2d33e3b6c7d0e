import Foundation
import Jobs
import Redis
import Support
import Testing

@Suite("Failure mode 15: workers that come and go", .serialized)
struct ChurnTests {
    @Test(
        "worker after worker, killed or stopped: nothing stays pending, and no more consumers stay than were there lately"
    )
    func churn() async throws {
        let soak = Soak("churn")
        var dice = SeededGenerator(seed: soak.seed)
        try await Fleet.with(load: []) { fleet async throws in
            let restarts = soak.size(6, 1000)
            var recent: [ContinuousClock.Instant] = []
            var most = 0
            var next = ContinuousClock.now
            let steady = try fleet.startWorker()
            for number in 1...restarts {
                let worker = try fleet.startWorker()
                try await fleet.sendDrills(20)
                try await Condition.holds(within: .seconds(20)) {
                    guard worker.log.contains("worker is ready") else { return false }
                    return try await fleet.count("SELECT count(*) FROM ended_job") > (number - 1) * 10
                }
                let signal = Bool.random(using: &dice) ? SIGKILL : SIGTERM
                worker.signal(signal)
                try await worker.ended()
                recent.append(.now)
                // Ten minutes of idleness, and the keeper looks every minute.
                recent.removeAll { ContinuousClock.now - $0 > .seconds(680) }
                let consumers = try await fleet.consumers()
                most = max(most, consumers)
                // One for the steady worker, one for the keeper's own name.
                #expect(consumers <= recent.count + 2)
                if next < .now {
                    soak.say("\(number) restarts, \(consumers) consumers, \(try await fleet.pendingEntries()) pending")
                    next = .now + .seconds(20)
                }
            }
            try await fleet.waitUntilDrained(within: .seconds(60))
            try await Condition.holds(within: .seconds(30)) { try await fleet.pendingEntries() == 0 }
            try await fleet.expectConservation()
            soak.say("\(restarts) restarts, at most \(most) consumers at once, nothing pending")
            if soak.isLong {
                try await Condition.holds(within: .seconds(720)) { try await fleet.consumers() <= 2 }
                soak.say("all consumers of ended workers are gone")
            }
            steady.signal(SIGTERM)
            try await steady.ended()
        }
    }
}
