import Glibc
import Logging
import Postgres
import Support
import Testing

@Suite("Failures of server and network") struct FailureTests {
    @Test("a killed session answers each of 100 waiters once, and the connection recovers")
    func terminated() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            let pid: Int = try await connection.query("SELECT pg_backend_pid()").one().get(0)
            let answers = Tally()
            // While the first one sleeps, the others queue up, to go out as one pipeline.
            let first = Task { _ = try await connection.query("SELECT pg_sleep(1.1)") }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(1.1)") })
            let waiters = (0..<100).map { number in
                Task {
                    let error = await Fixture.failure { try await connection.query("SELECT pg_sleep(20), \(number)") }
                    answers.count()
                    return error
                }
            }
            #expect(await eventually { connection.load == 101 })
            try await first.value
            #expect(try await eventually { try await pool.isRunning("pg_sleep(20)") })
            try await pool.query("SELECT pg_terminate_backend($1::int4)", [.int(Int64(pid))])
            for waiter in waiters {
                let error = try #require(await waiter.value)
                #expect(error.code == .connectionLost && error.isRetryable)
            }
            #expect(answers.total == 100)
            let next: Int = try await connection.query("SELECT pg_backend_pid()").one().get(0)
            #expect(next != pid)
        }
    }

    @Test("a session that was killed while idle is replaced before anyone notices")
    func terminatedIdle() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            for _ in 0..<5 {
                let pid: Int = try await connection.query("SELECT pg_backend_pid()").one().get(0)
                try await pool.query("SELECT pg_terminate_backend($1::int4)", [.int(Int64(pid))])
                let gone = try await eventually {
                    try await pool.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.int(Int64(pid))]).isEmpty
                }
                #expect(gone)
                #expect(try await connection.query("SELECT 1").one().get(0) == 1)
            }
        }
    }

    @Test("a server that accepts and never answers fails at the connect deadline")
    func silent() async throws {
        let server = try LoopbackPort.silent()
        defer { close(server.descriptor) }
        let configuration = PostgresConfiguration(
            port: server.port,
            database: "d",
            user: "u",
            password: "p",
            connectTimeout: .milliseconds(300)
        )
        let pool = try PostgresPool(configuration: configuration, logger: Fixture.logger)
        var error: PostgresError?
        let (took, lag) = await Fixture.timed { error = await Fixture.failure { try await pool.query("SELECT 1") } }
        #expect(error?.code == .connectionFailed)
        #expect(took < .seconds(3) + lag * 4)
        await pool.shutdown()
    }

    @Test("a caller's deadline holds while the connection is being made")
    func deadlineWhileConnecting() async throws {
        let server = try LoopbackPort.silent()
        defer { close(server.descriptor) }
        let configuration = PostgresConfiguration(
            port: server.port,
            database: "d",
            user: "u",
            connectTimeout: .seconds(30)
        )
        let pool = try PostgresPool(configuration: configuration, logger: Fixture.logger)
        var error: PostgresError?
        let (took, lag) = await Fixture.timed {
            error = await Fixture.failure { try await pool.query("SELECT 1", deadline: .milliseconds(200)) }
        }
        #expect(error?.code == .timeout)
        #expect(took < .seconds(3) + lag * 4)
        await pool.shutdown(grace: .milliseconds(100))
    }

    @Test("a refused connection and a wrong name are clear errors")
    func refused() async throws {
        let port = try LoopbackPort.free()
        for host in ["127.0.0.1", "localhost", "no-such-host.invalid"] {
            let configuration = PostgresConfiguration(host: host, port: port, database: "d", user: "u")
            let pool = try PostgresPool(configuration: configuration, size: 2, logger: Fixture.logger)
            let error = await Fixture.failure { try await pool.query("SELECT 1") }
            #expect(error?.code == .connectionFailed && error?.isRetryable == true)
            await pool.shutdown()
        }
    }

    @Test("a host name is resolved and reached")
    func resolves() async throws {
        var configuration = try await PrivateServers.freshDatabase()
        configuration.host = "localhost"
        let pool = try PostgresPool(configuration: configuration, size: 2, logger: Fixture.logger)
        #expect(try await pool.query("SELECT 1").one().get(0) == 1)
        await pool.shutdown()
    }

    @Test("pg_sleep past the deadline times out soon, and the pool goes on")
    func deadline() async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            try await pool.waitUntilReady(timeout: .seconds(20))
            var error: PostgresError?
            let (took, lag) = await Fixture.timed {
                error = await Fixture.failure {
                    try await pool.query("SELECT pg_sleep(60)", deadline: .milliseconds(500))
                }
            }
            #expect(error?.code == .timeout)
            #expect(took < .milliseconds(3_500) + lag * 4)
            #expect(try await pool.query("SELECT 1", deadline: .seconds(5)).one().get(0) == 1)
            #expect(try await pool.isRunning("pg_sleep(60)") == false)
        }
    }

    @Test("the server's own statement timeout is reported as a timeout")
    func statementTimeout() async throws {
        try await Fixture.withPool(size: 2, statementTimeout: .milliseconds(200)) { pool, _ async throws in
            let error = await Fixture.failure { try await pool.query("SELECT pg_sleep(60)") }
            #expect(error?.code == .timeout && error?.sqlState == "57014")
        }
    }

    @Test("a server that hears no cancel request loses the connection, and every waiter is told")
    func deaf() async throws {
        let server = try await PrivateServers.startPostgres()
        var configuration = server.configuration
        configuration.connectTimeout = .seconds(5)
        let connection = try PostgresConnection(configuration: configuration, logger: Fixture.logger)
        try await connection.query("SELECT 1")
        let watch = try PostgresPool(configuration: server.configuration, size: 2, logger: Fixture.logger)
        try await watch.waitUntilReady(timeout: .seconds(30))
        let slow = Task {
            await Fixture.failure { try await connection.query("SELECT pg_sleep(60)", deadline: .seconds(1)) }
        }
        #expect(try await eventually { try await watch.isRunning("pg_sleep(60)") })
        // New connections, and with them cancel requests, get no answer from now on.
        server.pause()
        let start = ContinuousClock.now
        let waiters = (0..<20).map { number in
            Task { await Fixture.failure { try await connection.query("SELECT \(number)", deadline: .seconds(20)) } }
        }
        #expect(await slow.value?.code == .timeout)
        for waiter in waiters {
            // They were not sent: they wait for the new connection, which the frozen server does not give.
            let error = try #require(await waiter.value)
            #expect([.connectionFailed, .connectionLost, .timeout].contains(error.code))
        }
        #expect(start.duration(to: .now) < .seconds(40))
        server.resume()
        let recovered = await eventually { (try? await connection.query("SELECT 1")) != nil }
        #expect(recovered)
        await connection.shutdown()
        await watch.shutdown()
        try await server.stop()
    }

    @Test("the pool survives the server's crash and return", arguments: [SIGINT, SIGKILL])
    func restart(signal: Int32) async throws {
        let server = try await PrivateServers.startPostgres()
        let pool = try PostgresPool(configuration: server.configuration, size: 4, logger: Fixture.logger)
        try await pool.waitUntilReady(timeout: .seconds(10))
        let answered = Tally()
        let waiters = (0..<50).map { _ in
            Task {
                let error = await Fixture.failure { try await pool.query("SELECT pg_sleep(30)") }
                answered.count()
                return error
            }
        }
        #expect(
            try await eventually {
                try await pool.transaction {
                    try await $0.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()"
                    ).one().get(0, as: Int.self)
                } > 0
            }
        )
        try await server.stop(signal)
        for waiter in waiters { #expect(await waiter.value?.isRetryable == true) }
        #expect(answered.total == 50)
        let down = await Fixture.failure { try await pool.query("SELECT 1") }
        #expect(down?.isRetryable == true)

        // After a crash, children of the old server may hold its memory for a moment.
        let back = await eventually(within: .seconds(20)) { (try? await server.start()) != nil }
        #expect(back)
        try await pool.waitUntilReady(timeout: .seconds(20))
        #expect(try await pool.query("SELECT 42").one().get(0) == 42)
        let transacted = try await pool.transaction { try await $0.query("SELECT 43").one().get(0, as: Int.self) }
        #expect(transacted == 43)
        await pool.shutdown()
        try await server.stop()
    }

    @Test("waiting for readiness gives up with the last failure")
    func neverReady() async throws {
        let configuration = PostgresConfiguration(port: try LoopbackPort.free(), database: "d", user: "u")
        let pool = try PostgresPool(configuration: configuration, logger: Fixture.logger)
        let error = await Fixture.failure { try await pool.waitUntilReady(timeout: .milliseconds(300)) }
        #expect(error?.code == .connectionFailed || error?.code == .timeout)
        await pool.shutdown()
    }
}
