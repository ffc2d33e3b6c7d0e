import Contract
import Fetch
import Foundation
import Jobs
import Postgres
import Support
import Synchronization
import Testing
import ThreadExecution

@Suite("Failure mode 12: what can happen to PostgreSQL", .serialized)
struct PostgresTroubleTests {
    /// Sends keyed drills over HTTP, each until it is accepted, and keeps what was promised.
    private final class Sender: Sendable {
        private let fleet: Fleet
        private let key: String
        private let state = Mutex((ids: [String](), refusals: 0))

        init(_ fleet: Fleet) async throws {
            self.fleet = fleet
            key = try await fleet.makeKey(tenant: Fleet.drillTenant, scopes: "submit,read,admin")
        }

        var ids: [JobID] { state.withLock(\.ids).compactMap { JobID($0) } }
        var refusals: Int { state.withLock(\.refusals) }

        func run() async {
            while !Task.isCancelled {
                let key = UUID().uuidString
                let body = #"{"kind":"drill.noop","payload":{"seconds":0.01},"idempotency_key":"\#(key)"}"#
                // As a caller should: the same key until there is an answer.
                while !Task.isCancelled {
                    let answer = try? await fleet.send("POST", "/api/v1/ml/jobs", key: self.key, body: Array(body.utf8))
                    if answer?.status == 202, let id = try? answer?.json["job_id"]?.string {
                        state.withLock { $0.ids.append(id) }
                        break
                    }
                    state.withLock { $0.refusals += 1 }
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    /// Runs `trouble` while callers send, then expects every promise kept.
    private func underLoad(
        _ fleet: Fleet,
        _ trouble: (Sender) async throws -> Void
    ) async throws {
        let sender = try await Sender(fleet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await sender.run() } }
            try await Condition.holds { sender.ids.count > 100 }
            try await trouble(sender)
            let before = sender.ids.count
            try await Condition.holds(within: .seconds(30)) { sender.ids.count > before + 100 }
            group.cancelAll()
        }
        try await fleet.waitUntilDrained()
        try await fleet.expectAll(sender.ids)
        try await fleet.expectConservation()
        #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt <> 1") == 0)
    }

    @Test("a crash and a restart under load: what was promised ends, once")
    func restarted() async throws {
        let server = try await PrivateServers.startPostgres(isDurable: true)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await underLoad(fleet) { _ in
                for signal in [SIGQUIT, SIGINT] {
                    try await server.stop(signal)
                    try await server.start()
                }
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }

    @Test("a server that stalls for longer than a lease: nobody loses a job over it")
    func stalled() async throws {
        let server = try await PrivateServers.startPostgres()
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let long = try await fleet.sendDrills(3, payload: #"{"seconds":20}"#)
            try await Condition.holds {
                try await fleet.count("SELECT count(*) FROM live_job WHERE state = 'running'") == 3
            }
            server.freeze()
            try await Task.sleep(for: .seconds(11))
            server.thaw()
            try await fleet.waitUntilDrained()
            try await fleet.expectAll(long)
            #expect(try await fleet.count("SELECT count(*) FROM failed_attempt") == 0)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE lease_epoch <> 1") == 0)
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }

    @Test("rows locked in the wrong order, over and over: statements that lose run again, and all jobs end")
    func deadlocks() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            // Deadlocks are looked for at once, or the test would mostly wait.
            _ = try await fleet.pool.query(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''20ms''', current_database()); END $$",
                []
            )
            let ids = try await fleet.sendDrills(2000, payload: #"{"seconds":0.05}"#)
            let rival = Task {
                var lost = 0
                while !Task.isCancelled {
                    do {
                        try await fleet.pool.transaction { transaction in
                            for order in ["DESC", "ASC"] {
                                _ = try await transaction.query(
                                    """
                                    UPDATE job_live SET last_error = last_error WHERE id IN (
                                        SELECT id FROM (SELECT id FROM live_job ORDER BY vtime LIMIT 40) head
                                        ORDER BY id \(order) LIMIT 20)
                                    """,
                                    []
                                )
                            }
                        }
                    } catch { lost += 1 }
                }
                return lost
            }
            do {
                try await fleet.waitUntilDrained(within: .seconds(90))
            } catch {
                rival.cancel()
                throw error
            }
            rival.cancel()
            let deadlocks = try await fleet.count(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            )
            print("deadlocks: \(deadlocks), lost by the rival: \(await rival.value)")
            try await fleet.expectAll(ids)
            #expect(try await fleet.count("SELECT count(*) FROM ended_job WHERE attempt <> 1") == 0)
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }

    @Test(
        "a full disk: nothing is promised that cannot be kept; after relief everything goes on",
        .enabled(if: PrivatePostgres.canMountDisks)
    )
    func fullDisk() async throws {
        let server = try await PrivateServers.startPostgres(diskMegabytes: 300)
        try await Fleet.with(load: [], postgres: server) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            try await underLoad(fleet) { sender in
                try server.fillDisk()
                let before = sender.refusals
                // Rows of its own make the server need new pages soon.
                try await Condition.holds(within: .seconds(30)) {
                    _ = try? await fleet.fill(2000, tenant: "ballast", runAt: "infinity")
                    return sender.refusals > before
                }
                server.freeDisk()
                // A server that could not write its log has stopped: whoever looks after it starts it again.
                try await server.startIfStopped()
                try await Condition.holds(within: .seconds(30)) {
                    (try? await fleet.pool.query("DELETE FROM job_live WHERE tenant = 'ballast'", [])) != nil
                }
                _ = try await fleet.pool.query("DELETE FROM job_tally WHERE tenant = 'ballast'", [])
            }
            worker.signal(SIGTERM)
            try await worker.ended()
        }
        try await server.stop(SIGQUIT)
    }

    @Test(
        "one connection per pool and a table that is locked for seconds: every caller gets an answer, and all jobs end"
    )
    func starved() async throws {
        try await Fleet.with(settings: ["DB_POOL_SIZE": "1"], load: []) { fleet async throws in
            let worker = try fleet.startWorker()
            try await fleet.waitForWorkers(1)
            let key = try await fleet.makeKey(tenant: Fleet.drillTenant, scopes: "submit,read,admin")
            let lock = Task {
                try await fleet.pool.transaction { transaction in
                    _ = try await transaction.query("LOCK TABLE job_live IN ACCESS EXCLUSIVE MODE", [])
                    _ = try await transaction.query("SELECT pg_sleep(4)", [])
                }
            }
            let start = ContinuousClock.now
            let answers = try await withThrowingTaskGroup(of: FetchResponse.self) { group in
                for _ in 0..<300 {
                    group.addTask {
                        try await fleet.send(
                            "POST",
                            "/api/v1/ml/jobs",
                            key: key,
                            body: Array(#"{"kind":"drill.noop","payload":{}}"#.utf8)
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ContinuousClock.now - start < .seconds(30))
            try await lock.value
            #expect(answers.allSatisfy { [202, 503].contains($0.status) })
            let ids = try answers.filter { $0.status == 202 }.compactMap { try $0.json["job_id"]?.string }
                .compactMap { JobID($0) }
            #expect(!ids.isEmpty)
            try await fleet.waitUntilDrained()
            try await fleet.expectAll(ids)
            try await fleet.expectConservation()
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}
