import Logging
import Postgres
import Support
import Testing

@Suite("Cancellation and the bounded queue") struct CancellationTests {
    @Test("a statement that was not sent yet is taken back and never runs")
    func beforeSending() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            try await pool.query("CREATE TABLE t (a int8)")
            let blocker = Task { _ = try await connection.query("SELECT pg_sleep(4)") }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(4)") })
            let doomed = Task { _ = try await connection.query("INSERT INTO t VALUES (1)") }
            #expect(await eventually { connection.load == 2 })
            doomed.cancel()
            let error = await Fixture.failure { try await doomed.value }
            #expect(error?.code == .cancelled)
            #expect(connection.load == 1)
            try await blocker.value
            #expect(try await pool.query("SELECT count(*) FROM t").one().get(0) == 0)
        }
    }

    @Test("a statement that runs is cancelled on the server, and its neighbours get their answers")
    func afterSending() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            // Both go out together: the lock holds the first one up.
            let lock = Task {
                try await pool.transaction { transaction in
                    try await transaction.query("SELECT pg_advisory_xact_lock(1)")
                    try await transaction.query("SELECT pg_sleep(2)")
                }
            }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(2)") })
            let held = Task { _ = try await connection.query("SELECT pg_advisory_xact_lock(1)") }
            let slow = Task { _ = try await connection.query("SELECT pg_sleep(50)") }
            let neighbours = (0..<20).map { number in
                Task { try await connection.query("SELECT \(number)").one().get(0, as: Int.self) }
            }
            try await lock.value
            try await held.value
            #expect(try await eventually { try await pool.isRunning("pg_sleep(50)") })
            let start = ContinuousClock.now
            slow.cancel()
            let error = await Fixture.failure { try await slow.value }
            #expect(error?.code == .cancelled)
            for (number, neighbour) in neighbours.enumerated() { #expect(try await neighbour.value == number) }
            #expect(start.duration(to: .now) < .seconds(15))
            #expect(try await pool.isRunning("pg_sleep(50)") == false)
        }
    }

    @Test("cancelling at random never loses, doubles or mixes up an answer")
    func storm() async throws {
        try await Fixture.withPool(size: 4) { pool, _ async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        let task = Task {
                            try await pool.query("SELECT $1::int8, pg_sleep($2)", [.int(Int64(number)), 0.002]).one()
                                .get(0, as: Int.self)
                        }
                        if number % 3 == 0 {
                            if number % 2 == 0 { await Task.yield() }
                            task.cancel()
                        }
                        do {
                            #expect(try await task.value == number)
                        } catch {
                            #expect((error as? PostgresError)?.code == .cancelled)
                            #expect(number % 3 == 0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.query("SELECT 1").one().get(0) == 1)
            #expect(await eventually { pool.statistics.statements == 0 })
        }
    }

    @Test("a caller that is cancelled already runs nothing")
    func cancelledBefore() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            try await pool.query("CREATE TABLE t (a int8)")
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await connection.query("INSERT INTO t VALUES (1)")
            }
            let error = await Fixture.failure { try await late.value }
            #expect(error?.code == .cancelled)
            #expect(try await pool.query("SELECT count(*) FROM t").one().get(0) == 0)
        }
    }

    @Test("the queue is bounded: what does not fit is refused at once as overloaded")
    func bounded() async throws {
        try await Fixture.withConnection(queueLimit: 10) { connection, pool async throws in
            let blocker = Task { _ = try await connection.query("SELECT pg_sleep(1.5)") }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(1.5)") })
            let codes = await withTaskGroup(of: PostgresError.Code?.self) { group in
                for _ in 0..<25 {
                    group.addTask { await Fixture.failure { try await connection.query("SELECT 1") }?.code }
                }
                return await group.reduce(into: [PostgresError.Code?]()) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 10)
            #expect(codes.filter { $0 == .overloaded }.count == 15)
            try await blocker.value
        }
    }

    @Test("a deadline in the queue passes although the thread is busy")
    func deadlineInQueue() async throws {
        try await Fixture.withConnection { connection, pool async throws in
            let blocker = Task { _ = try await connection.query("SELECT pg_sleep(25)") }
            #expect(try await eventually { try await pool.isRunning("pg_sleep(25)") })
            let error = await Fixture.failure { try await connection.query("SELECT 1", deadline: .milliseconds(100)) }
            #expect(error?.code == .timeout)
            #expect(try await pool.isRunning("pg_sleep(25)"))
            #expect(connection.load == 1)
            blocker.cancel()
            #expect(await Fixture.failure { try await blocker.value }?.code == .cancelled)
        }
    }

    @Test("shutdown lets what runs finish, fails what is too slow, and refuses the rest")
    func shutdown() async throws {
        let configuration = try await PrivateServers.freshDatabase()
        let pool = try PostgresPool(configuration: configuration, size: 4, logger: Fixture.logger)
        let watch = try PostgresPool(configuration: configuration, size: 2, logger: Fixture.logger)
        let quick = Task { try await pool.query("SELECT pg_sleep(0.2), 1").one().get(1, as: Int.self) }
        let slow = Task { _ = try await pool.query("SELECT pg_sleep(30)") }
        #expect(try await eventually { try await watch.isRunning("pg_sleep(30)") })
        let start = ContinuousClock.now
        await pool.shutdown(grace: .seconds(1))
        #expect(start.duration(to: .now) < .seconds(15))
        #expect(try await quick.value == 1)
        #expect(await Fixture.failure { try await slow.value }?.code == .closed)
        #expect(await Fixture.failure { try await pool.query("SELECT 1") }?.code == .closed)
        #expect(await Fixture.failure { try await pool.transaction { _ in } }?.code == .closed)
        await watch.shutdown()
    }
}
