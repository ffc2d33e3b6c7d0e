import Contract
import Fetch
import Foundation
import Postgres
import Support
import Testing

@Suite("Starting and stopping: clear words, in time", .serialized)
struct StartAndStopTests {
    // MARK: Stopping

    private func expectCleanEnd(_ api: ProgramProcess, since signal: ContinuousClock.Instant) async throws {
        try await Condition.holds(within: .seconds(30)) { !api.isRunning }
        #expect(ContinuousClock.now - signal < .seconds(30))
        #expect(api.status == 0, "\(api.log.suffix(1000))")
        #expect(api.log.contains("api has stopped"))
    }

    @Test("SIGTERM leaves a waiting decision its time, and it ends with a clear answer")
    func waitingDecision() async throws {
        try await Fleet.with(settings: ["DECISION_WAIT_SECONDS": "3"]) { fleet async throws in
            // No worker: the caller waits in vain.
            async let waiting = fleet.post(DecisionContractTests.path, DecisionContractTests.body)
            try await Condition.holds {
                try await fleet.count("SELECT count(*) FROM job_live WHERE tenant = 'acme'") == 1
            }
            let signal = ContinuousClock.now
            fleet.api.signal(SIGTERM)

            let answer = try await waiting

            #expect([503, 504].contains(answer.status), "\(answer.text)")
            let id = try #require(try answer.json["job_id"]?.string)
            #expect(answer.headers["location"] == "/api/v1/ml/jobs/\(id)")
            try await expectCleanEnd(fleet.api, since: signal)
        }
    }

    @Test(
        "SIGTERM cuts a wait that would outlast the process short with an answer",
        arguments: ["ML_SERVER_PORT", "FRONTEND_PORT"]
    )
    func waitingLonger(_ variable: String) async throws {
        try await Fleet.with { fleet async throws in
            let accepted = try await fleet.post(
                DecisionContractTests.path,
                DecisionContractTests.body,
                headers: [("Prefer", "respond-async")]
            )
            let id = try #require(try accepted.json["job_id"]?.string)
            let port = try #require(fleet.environment[variable].flatMap { Int($0) })
            let asked: Date = try await fleet.pool.query("SELECT clock_timestamp()", [])[0].get(0)
            // Byte by byte: an HTTP client would quietly ask again on another connection.
            async let waiting = RawHTTP.exchange(
                port: port,
                "GET /api/v1/ml/jobs/\(id)?wait=60 HTTP/1.1\r\nHost: x\r\nX-API-Key: \(fleet.key)\r\nConnection: close\r\n\r\n",
                patience: 65
            )
            // Who waits has had the ledger asked for the job.
            try await Condition.holds {
                try await fleet.pool.query(
                    """
                    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query_start > $1
                        AND application_name = 'cloudoptim-api' AND query LIKE '%job_result%'
                    """,
                    [.timestamp(asked)]
                ).count > 0
            }
            let signal = ContinuousClock.now
            fleet.api.signal(SIGTERM)

            let answer = try await waiting

            #expect(answer.status == 200, "\(answer.text) after \(ContinuousClock.now - signal)")
            #expect(answer.body.contains(#""state":"queued""#))
            try await expectCleanEnd(fleet.api, since: signal)
        }
    }

    @Test("SIGTERM ends an idle API and scheduler at once")
    func idle() async throws {
        try await Fleet.with { fleet async throws in
            let start = ContinuousClock.now
            for process in [fleet.api, fleet.scheduler] { process.signal(SIGTERM) }
            for process in [fleet.api, fleet.scheduler] { try await process.ended() }

            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(fleet.api.status == 0, "\(fleet.api.log.suffix(1000))")
            #expect(fleet.scheduler.status == 0, "\(fleet.scheduler.log.suffix(1000))")
        }
    }

    // MARK: Refusing to start

    private static let programs = ["cloudoptim-api", "cloudoptim-worker", "cloudoptim-scheduler"]

    private func expectRefusal(
        _ program: String,
        _ environment: [String: String],
        says words: [String],
        never: [String] = []
    ) async throws {
        let (status, output) = try await ProgramProcess.run(program, [], environment: environment)

        #expect(status == 1, "\(program): \(output)")
        let errors = output.split(separator: "\n").filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1, "\(program): \(output)")
        for word in words { #expect(errors.first?.contains(word) == true, "\(program): \(output)") }
        for word in never + ["Fatal error", "Crash"] { #expect(!output.contains(word), "\(program): \(output)") }
    }

    static let ports = ["ML_SERVER_PORT", "FRONTEND_PORT", "METRICS_PORT"]

    @Test("a taken port is one clear line and status 1", arguments: ports)
    func takenPort(_ variable: String) async throws {
        let (descriptor, port) = try LoopbackPort.silent()
        defer { close(descriptor) }
        try await Fleet.with { fleet async throws in
            var environment = fleet.environment
            for name in Self.ports { environment[name] = "\(try LoopbackPort.free())" }
            environment[variable] = "\(port)"

            try await expectRefusal("cloudoptim-api", environment, says: ["\(port)", variable, "taken"])
        }
    }

    @Test("an address that is not ours is one clear line and status 1")
    func foreignAddress() async throws {
        try await Fleet.with { fleet async throws in
            var environment = fleet.environment
            for name in Self.ports { environment[name] = "\(try LoopbackPort.free())" }
            for address in ["192.0.2.1", "no.such.host.invalid"] {
                environment["ML_SERVER_HOST"] = address
                try await expectRefusal("cloudoptim-api", environment, says: ["ML_SERVER_HOST", address])
            }
        }
    }

    @Test("a wrong password is one clear line that does not show it")
    func wrongPassword() async throws {
        let server = try await PrivateServers.startPostgres()
        let place = server.configuration
        let single = [
            "DB_HOST": place.host, "DB_PORT": "\(place.port)", "DB_NAME": "postgres", "DB_USER": "postgres",
            "DB_PASSWORD": "hunter2-secret", "REDIS_PORT": "1", "LOG_FORMAT": "text",
        ]
        let url = single.merging([
            "DATABASE_URL": "postgresql://postgres:hunter2-secret@\(place.host):\(place.port)/postgres"
        ]) { $1 }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (program, environment) in Self.programs.map({ ($0, single) }) + [("cloudoptim-api", url)] {
                group.addTask {
                    try await expectRefusal(
                        program,
                        environment,
                        says: ["the ledger cannot be used", "password authentication failed"],
                        never: ["hunter2"]
                    )
                }
            }
            try await group.waitForAll()
        }
        // It does not become right by waiting.
        #expect(ContinuousClock.now - start < .seconds(15))
        try await server.stop(SIGQUIT)
    }

    @Test("a database without our schema is refused with what to do", arguments: programs)
    func unmigrated(_ program: String) async throws {
        let database = try await PrivateServers.freshDatabase()
        var environment = [
            "DB_HOST": database.host, "DB_PORT": "\(database.port)", "DB_NAME": database.database,
            "DB_USER": database.user,
            "REDIS_PORT": "1", "LOG_FORMAT": "text",
        ]
        environment["DB_PASSWORD"] = database.password

        try await expectRefusal(program, environment, says: ["cloudoptim migrate"])
    }

    @Test("a Redis that may evict is refused by every process", arguments: programs)
    func evictingRedis(_ program: String) async throws {
        let redis = try await PrivateServers.startRedis(arguments: "--maxmemory-policy allkeys-lru")
        try await Fleet.with { fleet async throws in
            var environment = fleet.environment
            environment["REDIS_PORT"] = "\(redis.port)"
            for name in Self.ports { environment[name] = "\(try LoopbackPort.free())" }

            try await expectRefusal(program, environment, says: ["maxmemory-policy is allkeys-lru", "noeviction"])
        }
        try await redis.stop()
    }

    @Test(
        "a bad setting is one line that names it",
        arguments: [
            (["DB_PORT": "seventy"], "DB_PORT"), (["ML_SERVER_PORT": "0"], "ML_SERVER_PORT"),
            (["ALLOW_MODEL_TRAINING": "true"], "ALLOW_MODEL_TRAINING"),
            (["ML_CONFIG_FILE": "/nowhere/at/all.yaml"], "ML_CONFIG_FILE"),
            (["DATABASE_URL": "mysql://u:hunter2@h/d"], "DATABASE_URL"),
            (["REDIS_URL": "http://u:hunter2@h"], "REDIS_URL"),
        ]
    )
    func badSetting(_ environment: [String: String], _ variable: String) async throws {
        var environment = environment
        if environment["REDIS_URL"] != nil {
            let database = try await PrivateServers.freshDatabase()
            environment.merge([
                "DB_HOST": database.host, "DB_PORT": "\(database.port)", "DB_NAME": database.database,
                "DB_USER": database.user, "DB_PASSWORD": database.password ?? "",
            ]) { own, _ in own }
            _ = try await Fleet.control(["migrate"], environment.filter { $0.key != "REDIS_URL" })
        }
        for program in Self.programs {
            try await expectRefusal(program, environment, says: [variable], never: ["hunter2"])
        }
    }
}
