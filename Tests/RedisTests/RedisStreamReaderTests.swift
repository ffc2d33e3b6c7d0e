import Redis
import Support
import Testing

@Suite("Redis stream reader")
struct RedisStreamReaderTests {
    /// A server with the group `g` on the streams `a` and `b`, a connection and a reader.
    private func world(
        commandTimeout: Duration = .seconds(5),
        _ body: (RedisFixture, RedisConnection, RedisStreamReader) async throws -> Void
    ) async throws {
        try await RedisFixture.with { server in
            let configuration = server.configuration(commandTimeout: commandTimeout)
            let reader = RedisStreamReader(configuration: configuration, logger: .quiet)
            do {
                try await server.connected(configuration) { connection in
                    for stream in ["a", "b"] { try await connection.xgroupCreate(stream, group: "g") }
                    try await body(server, connection, reader)
                }
            } catch {
                await reader.shutdown()
                throw error
            }
            await reader.shutdown()
        }
    }

    /// Returns when so many clients of the server are blocked in a read.
    private func blocked(_ connection: RedisConnection, count: Int = 1) async -> Bool {
        await eventually { (try? await connection.info("clients"))?["blocked_clients"] == "\(count)" }
    }

    @Test("a blocked read returns with the entry that ends its wait")
    func wakes() async throws {
        try await world { _, connection, reader in
            async let reading = reader.read(
                group: "g",
                consumer: "c",
                streams: ["a", "b"],
                count: 10,
                block: .seconds(2)
            )
            #expect(await blocked(connection))
            let id = try await connection.xadd("b", fields: [("job", "7")])

            let entries = try await reading

            #expect(entries.map(\.id) == [id])
            #expect(entries.first?.stream == "b")
            #expect(entries.first?.text("job") == "7")
            let pending = try await connection.xinfoConsumers("b", group: "g")
            #expect(pending.map(\.pending) == [1])
        }
    }

    @Test("the count holds for each stream")
    func counts() async throws {
        try await world { _, connection, reader in
            for stream in ["a", "b"] {
                for number in 0..<5 { try await connection.xadd(stream, fields: [("n", .integer(number))]) }
            }
            let entries = try await reader.read(group: "g", consumer: "c", streams: ["a", "b"], count: 3, block: .zero)
            #expect(entries.map(\.stream) == ["a", "a", "a", "b", "b", "b"])
            #expect(entries.map { $0.text("n") } == ["0", "1", "2", "0", "1", "2"])
        }
    }

    @Test("a read without news returns nothing, and counts as a sign of life")
    func timesOut() async throws {
        try await world { _, _, reader in
            #expect(reader.lastSuccessfulRead == nil)
            let clock = ContinuousClock()
            let before = clock.now

            let taken = try await clock.measure {
                let entries = try await reader.read(
                    group: "g",
                    consumer: "c",
                    streams: ["a"],
                    count: 1,
                    block: .milliseconds(100)
                )
                #expect(entries.isEmpty)
            }

            #expect(taken >= .milliseconds(100))
            let last = try #require(reader.lastSuccessfulRead)
            #expect(last > before)
            let at = clock.now
            let none = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .zero)
            #expect(none.isEmpty)
            #expect(clock.now - at < .seconds(5))
        }
    }

    @Test("no block time keeps a read waiting beyond two seconds")
    func longestBlock() async throws {
        try await world { _, _, reader in
            let taken = try await ContinuousClock().measure {
                _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(3_600))
            }
            #expect(taken < .seconds(10))
        }
    }

    @Test("a stream that is deleted under a blocked read, and one that never was, are told as no group")
    func noGroup() async throws {
        try await world { _, connection, reader in
            let reading = Task {
                await failure { () throws(RedisError) in
                    _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
                }
            }
            #expect(await blocked(connection))
            _ = try await connection.send(RedisCommand("DEL", "a"))
            #expect(await reading.value?.isNoGroup == true)

            let again = await failure { () throws(RedisError) in
                _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
            }
            #expect(again?.isNoGroup == true)

            try await connection.xgroupCreate("a", group: "g", start: "0")
            let id = try await connection.xadd("a", fields: [("n", 1)])
            let entries = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .zero)
            #expect(entries.map(\.id) == [id])
        }
    }

    @Test("the watchdog drops a frozen server, and the reader finds it again after the thaw")
    func watchdog() async throws {
        try await world { server, connection, reader in
            _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .milliseconds(10))
            server.freeze()
            var error: RedisError?

            let taken = await ContinuousClock().measure {
                error = await failure { () throws(RedisError) in
                    _ = try await reader.read(
                        group: "g",
                        consumer: "c",
                        streams: ["a"],
                        count: 1,
                        block: .milliseconds(100)
                    )
                }
            }
            #expect(error?.code == .timeout)
            #expect(taken >= .milliseconds(2_000))
            #expect(taken < .seconds(10))

            server.thaw()
            let id = try await connection.xadd("a", fields: [("n", 1)])
            var entries: [RedisStreamEntry] = []
            // The entry may have gone to the read that was given up: then it is pending for the same consumer.
            #expect(
                await eventually {
                    let read = try? await reader.read(
                        group: "g",
                        consumer: "c",
                        streams: ["a"],
                        count: 1,
                        block: .milliseconds(10)
                    )
                    entries += read ?? []
                    if !entries.isEmpty { return true }
                    let pending = try? await connection.xautoclaim(
                        "a",
                        group: "g",
                        consumer: "c",
                        minIdle: .zero,
                        count: 1
                    )
                    entries += pending?.entries ?? []
                    return !entries.isEmpty
                }
            )
            #expect(entries.map(\.id) == [id])
        }
    }

    @Test("kill -9 under a blocked read: the read fails at once and the reader comes back by itself")
    func killed() async throws {
        try await world { server, connection, reader in
            let reading = Task {
                await failure { () throws(RedisError) in
                    _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
                }
            }
            #expect(await blocked(connection))
            try await server.kill()
            #expect(await reading.value?.code == .connectionLost)
            let away = await failure { () throws(RedisError) in
                _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
            }
            #expect(away?.code == .connectionFailed)

            try await server.start()
            var error: RedisError?
            #expect(
                await eventually {
                    error = await failure { () throws(RedisError) in
                        _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .zero)
                    }
                    // The server came back empty: it answers, and the group is gone.
                    return error?.isNoGroup == true
                }
            )
        }
    }

    @Test("while the server is away, reads in a loop are paced by the back-off")
    func pacing() async throws {
        let configuration = RedisConfiguration(port: try LoopbackPort.free())
        let reader = RedisStreamReader(configuration: configuration, logger: .quiet)

        let taken = await ContinuousClock().measure {
            for _ in 0..<4 {
                let error = await failure { () throws(RedisError) in
                    _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .zero)
                }
                #expect(error?.code == .connectionFailed)
            }
        }

        // At least half of 50 + 100 + 200 ms.
        #expect(taken >= .milliseconds(175))
        await reader.shutdown()
    }

    @Test("a cancelled read is released at once, and the next read works")
    func cancellation() async throws {
        try await world { _, connection, reader in
            let reading = Task {
                await failure { () throws(RedisError) in
                    _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
                }
            }
            #expect(await blocked(connection))
            let taken = await ContinuousClock().measure {
                reading.cancel()
                #expect(await reading.value?.code == .cancelled)
            }
            #expect(taken < .seconds(2))

            // Until the server has noticed, it would hand an entry to the connection that is gone.
            #expect(await blocked(connection, count: 0))
            let id = try await connection.xadd("a", fields: [("n", 1)])
            let entries = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
            #expect(entries.map(\.id) == [id])
        }
    }

    @Test("shutting down ends a blocked read at once and refuses further ones")
    func shutdown() async throws {
        try await world { _, connection, reader in
            let reading = Task {
                await failure { () throws(RedisError) in
                    _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .seconds(2))
                }
            }
            #expect(await blocked(connection))
            let taken = await ContinuousClock().measure { await reader.shutdown() }
            #expect(taken < .seconds(2))
            #expect(await reading.value?.code == .closed)
            let late = await failure { () throws(RedisError) in
                _ = try await reader.read(group: "g", consumer: "c", streams: ["a"], count: 1, block: .zero)
            }
            #expect(late?.code == .closed)
        }
    }
}
