import Foundation
import Jobs
import Postgres
import Support
import Testing

@Suite("Failure mode 12: a snapshot that somebody holds", .serialized)
struct SnapshotTests {
    /// Jobs a second, from the first submission to the last result.
    private func rate(_ fleet: Fleet, jobs: Int) async throws -> Double {
        let start = ContinuousClock.now
        // As they come: rung by whoever accepts them, up to the window, then by the keeper.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await fleet.sendDrills(jobs / 4) } }
            try await group.waitForAll()
        }
        try await waitUntilIdle(fleet)
        return Double(jobs) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// By the fleet's own counts: counting all rows would step over every dead one, and cost more than the jobs.
    private func waitUntilIdle(_ fleet: Fleet) async throws {
        try await Condition.holds(within: .seconds(300)) {
            try await Task.sleep(for: .milliseconds(250))
            let counts = try await fleet.ledger.queueCounts()
            return !counts.contains { $0.kind == JobKind.drill.name && !$0.state.isTerminal }
        }
    }

    @Test("with a snapshot held, dead rows stay; work goes on at 80 % of its speed at least")
    func held() async throws {
        let soak = Soak("snapshot")
        let server = try await PrivateServers.startPostgres(isDurable: true)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let jobs = soak.size(2000, 20_000)
            _ = try await rate(fleet, jobs: jobs)
            var free: [Double] = []
            for _ in 0..<soak.size(1, 3) { free.append(try await rate(fleet, jobs: jobs)) }
            soak.say("without: \(free.map { Int($0) }) jobs/s")
            let before = free.reduce(0, +) / Double(free.count)

            let (released, release) = AsyncStream<Void>.makeStream()
            let holder = Task {
                try await fleet.pool.transaction { transaction in
                    // A report that runs for an hour; the fleet's own sessions are not allowed to sit like this.
                    _ = try await transaction.query("SET LOCAL idle_in_transaction_session_timeout = 0", [])
                    _ = try await transaction.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", [])
                    _ = try await transaction.query("SELECT count(*) FROM ended_job", [])
                    for await _ in released {}
                }
            }
            var held: [Double] = []
            let end = ContinuousClock.now + soak.minutes(20)
            repeat {
                held.append(try await rate(fleet, jobs: jobs))
                soak.say("held: \(Int(held.last ?? 0)) jobs/s, \(Int(100 * (held.last ?? 0) / before)) %")
            } while soak.isLong && end > .now
            release.finish()
            _ = try? await holder.value
            let late = held.suffix(3)
            let share = late.reduce(0, +) / Double(late.count) / before
            soak.say("with a snapshot held over \(held.count * jobs) jobs: \(Int(share * 100)) % of the speed without")
            // A short run on a shared machine measures the machine: only the soak judges.
            if soak.isLong { #expect(share >= 0.8) } else { #expect(share > 0.3) }
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }
}
