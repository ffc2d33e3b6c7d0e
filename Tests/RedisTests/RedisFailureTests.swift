import FoundationEssentials
import Support
import Testing

@testable import Redis

@Suite("Redis connection under failure")
struct RedisFailureTests {
    @Test("kill -9 under 100 waiters: each is told once, and the connection comes back with the server")
    func killed() async throws {
        try await RedisFixture.with { server in
            try await server.connected(server.configuration(commandTimeout: .seconds(20))) { connection in
                try await connection.ping()
                server.freeze()
                let outcomes = Box<[RedisError.Code?]>([])
                let waiters = (0..<100).map { index in
                    Task {
                        let error = await failure { () throws(RedisError) in
                            _ = try await connection.send(RedisCommand("SET", "k\(index)", index))
                        }
                        outcomes.change { $0.append(error?.code) }
                    }
                }
                #expect(await eventually { connection.isBusy })
                try await server.kill()
                for waiter in waiters { await waiter.value }

                #expect(outcomes.value.count == 100)
                #expect(outcomes.value.allSatisfy { $0 == .connectionLost || $0 == .connectionFailed })
                #expect(outcomes.value.contains(.connectionLost))

                try await server.start()
                #expect(await eventually { (try? await connection.ping()) != nil })
            }
        }
    }

    @Test("a frozen server: the deadline fires, and the connection works again after the thaw")
    func frozen() async throws {
        try await RedisFixture.with { server in
            let configuration = server.configuration(
                connectTimeout: .milliseconds(400),
                commandTimeout: .milliseconds(400)
            )
            try await server.connected(configuration) { connection in
                #expect(await eventually { (try? await connection.ping()) != nil })
                server.freeze()
                let clock = ContinuousClock()
                var error: RedisError?

                let taken = await clock.measure {
                    error = await failure { () throws(RedisError) in try await connection.ping() }
                }
                #expect(error?.code == .timeout)
                #expect(taken >= .milliseconds(400))
                #expect(taken < .seconds(30))

                // A new connection is tried next, and fails at its handshake.
                #expect(
                    await eventually {
                        await failure { () throws(RedisError) in try await connection.ping() }?.code
                            == .connectionFailed
                    }
                )

                server.thaw()
                #expect(await eventually { (try? await connection.ping()) != nil })
            }
        }
    }

    @Test("a frozen server with a large command half sent holds nobody beyond the deadline")
    func frozenWhileWriting() async throws {
        try await RedisFixture.with { server in
            try await server.connected(server.configuration(commandTimeout: .milliseconds(400))) { connection in
                #expect(await eventually { (try? await connection.ping()) != nil })
                server.freeze()
                let payload = [UInt8](repeating: 7, count: 20_000_000)
                let command = RedisCommand("SET", "k", payload)

                let error = await failure { () throws(RedisError) in _ = try await connection.send(command) }

                #expect(error?.code == .timeout)
                server.thaw()
            }
        }
    }

    @Test("a listener that never answers: the attempt ends in time and the next callers are refused at once")
    func silent() async throws {
        let listener = try LoopbackListener()
        let connection = RedisConnection(
            configuration: listener.configuration(connectTimeout: .milliseconds(500)),
            logger: .quiet
        )
        let clock = ContinuousClock()

        var codes: [RedisError.Code?] = []
        let taken = await clock.measure {
            for _ in 0..<3 {
                codes.append(await failure { () throws(RedisError) in try await connection.ping() }?.code)
            }
        }

        #expect(codes == [.connectionFailed, .connectionFailed, .connectionFailed])
        // At most three times half a second, and room for a busy machine.
        #expect(taken < .seconds(30))
        await connection.shutdown()
    }

    @Test("nobody listens: the reason and the address are in the message")
    func refused() async throws {
        let port = try LoopbackPort.free()
        let connection = RedisConnection(configuration: RedisConfiguration(port: port), logger: .quiet)

        let error = await failure { () throws(RedisError) in try await connection.ping() }

        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("127.0.0.1:\(port)") == true)
        #expect(error?.message.contains("Connection refused") == true)
        await connection.shutdown()
    }

    @Test("a host is found by its name")
    func localhost() async throws {
        try await RedisFixture.with { server in
            var configuration = server.configuration()
            // The server listens on 127.0.0.1 only; where the name also means ::1, that address is passed over.
            configuration.endpoint = .tcp(host: "localhost", port: server.port)
            try await server.connected(configuration) { try await $0.ping() }
        }
    }

    @Test("a host without an address fails by name")
    func unknownHost() async throws {
        let configuration = RedisConfiguration(host: "no such host", port: 1)
        let connection = RedisConnection(configuration: configuration, logger: .quiet)

        let error = await failure { () throws(RedisError) in try await connection.ping() }

        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("no such host") == true)
        await connection.shutdown()
    }

    @Test(
        "nonsense from the server is an error, not a crash",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "*-5\r\n", "$-7\r\n", "$99999999999999999999\r\n", ":12x\r\n", "\0\0\0",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "%1\r\n+a\r\n+b\r\n", "_\r\n",
        ]
    )
    func nonsense(answer: String) async throws {
        let listener = try LoopbackListener { $0.contains("PING") ? "+PONG\r\n" : answer }
        let connection = RedisConnection(configuration: listener.configuration(), logger: .quiet)

        let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("GET", "k")) }

        #expect(error?.code == .unexpectedReply)
        await connection.shutdown()
    }

    @Test("half a reply is not an answer", arguments: ["$10\r\nabc", "*3\r\n:1\r\n:2\r\n", "+O", "$5000000000\r\nx"])
    func truncated(answer: String) async throws {
        let listener = try LoopbackListener { $0.contains("PING") ? "+PONG\r\n" : answer }
        let connection = RedisConnection(
            configuration: listener.configuration(commandTimeout: .seconds(1)),
            logger: .quiet
        )

        let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("GET", "k")) }

        #expect(error?.code == .timeout)
        await connection.shutdown()
    }

    @Test("a command that was cut off is not sent again")
    func noReplay() async throws {
        let listener = try LoopbackListener { $0.contains("INCR") ? nil : "+PONG\r\n" }
        let connection = RedisConnection(configuration: listener.configuration(), logger: .quiet)

        let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("INCR", "k")) }
        #expect(error?.code == .connectionLost)
        #expect(await eventually { (try? await connection.ping()) != nil })

        let received = String(decoding: listener.received.value, as: UTF8.self)
        #expect(received.split(separator: "INCR", omittingEmptySubsequences: false).count == 2)
        await connection.shutdown()
    }

    @Test("a server that greets and hangs up is not called again at once")
    func hangUp() async throws {
        var greetings = 0
        let listener = try LoopbackListener { chunk in
            chunk.contains("PING") ? "+PONG\r\n" : nil
        }
        let connection = RedisConnection(configuration: listener.configuration(), logger: .quiet)

        for _ in 0..<200 {
            let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("GET", "k"))
            }
            if error?.code == .connectionLost { greetings += 1 }
            #expect(error?.code == .connectionLost || error?.code == .connectionFailed)
        }

        // 200 calls within milliseconds: the back-off lets only the first few of them through.
        #expect((1...10).contains(greetings))
        await connection.shutdown()
    }

    @Test("an idle connection that the server closed is replaced before it is used")
    func idle() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                try await connection.ping()
                try await server.kill()
                try await server.start()

                try await connection.ping()
            }
        }
    }

    @Test("a replica's refusal to write makes the connection look for the master anew")
    func readOnly() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let before = try await connection.send(RedisCommand("CLIENT", "ID")).int
                _ = try await connection.send(RedisCommand("REPLICAOF", "127.0.0.1", 1))
                let error = await failure { () throws(RedisError) in
                    _ = try await connection.send(RedisCommand("SET", "k", "v"))
                }
                #expect(error?.serverCode == "READONLY")
                let after = try await connection.send(RedisCommand("CLIENT", "ID")).int
                #expect(after != before)
                let replies = try await connection.send(pipeline: [
                    RedisCommand("GET", "k"), RedisCommand("SET", "k", "v"),
                ])
                #expect(replies[1].failure?.serverCode == "READONLY")
                #expect(try await connection.send(RedisCommand("CLIENT", "ID")).int != after)
            }
        }
    }

    @Test("more commands than may wait are refused as overloaded, and the others are not harmed")
    func overload() async throws {
        try await RedisFixture.with { server in
            var configuration = server.configuration(commandTimeout: .seconds(20))
            configuration.queueLimit = 10
            try await server.connected(configuration) { connection in
                try await connection.ping()
                server.freeze()
                let results = Box<[RedisError.Code?]>([])
                let waiters = (0..<200).map { _ in
                    Task {
                        let error = await failure { () throws(RedisError) in try await connection.ping() }
                        results.change { $0.append(error?.code) }
                    }
                }
                // Ten wait behind the batch under way; all others are refused while the server still sleeps.
                #expect(await eventually { results.value.count >= 180 })
                #expect(results.value.allSatisfy { $0 == .overloaded })
                server.thaw()
                for waiter in waiters { await waiter.value }

                #expect(results.value.contains(nil))
                #expect(results.value.allSatisfy { $0 == .overloaded || $0 == nil })
                let tooLong = await failure { () throws(RedisError) in
                    _ = try await connection.send(pipeline: (0..<11).map { RedisCommand("ECHO", $0) })
                }
                #expect(tooLong?.code == .overloaded)
            }
        }
    }

    @Test("a cancelled caller is released at once and its reply goes to nobody else")
    func cancellation() async throws {
        try await RedisFixture.with { server in
            try await server.connected(server.configuration(commandTimeout: .seconds(20))) { connection in
                try await connection.ping()
                server.freeze()
                let cancelled = Task {
                    await failure { () throws(RedisError) in
                        _ = try await connection.send(RedisCommand("ECHO", "first"))
                    }
                }
                #expect(await eventually { connection.isBusy })
                let unsent = Task {
                    await failure { () throws(RedisError) in
                        _ = try await connection.send(RedisCommand("SET", "unsent", "x"))
                    }
                }
                #expect(await eventually { connection.hasWaiting })
                cancelled.cancel()
                unsent.cancel()
                #expect(await cancelled.value?.code == .cancelled)
                #expect(await unsent.value?.code == .cancelled)

                server.thaw()

                #expect(try await connection.send(RedisCommand("ECHO", "second")).string == "second")
                #expect(try await connection.send(RedisCommand("EXISTS", "unsent")).int == 0)
            }
        }
    }

    @Test("shutting down releases those who wait, at once, and refuses those who come")
    func shutdown() async throws {
        try await RedisFixture.with { server in
            try await server.connected(server.configuration(commandTimeout: .seconds(60))) { connection in
                try await connection.ping()
                server.freeze()
                let waiters = (0..<10).map { _ in
                    Task { await failure { () throws(RedisError) in try await connection.ping() } }
                }
                #expect(await eventually { connection.isBusy })
                let clock = ContinuousClock()

                let taken = await clock.measure { await connection.shutdown() }

                #expect(taken < .seconds(5))
                for waiter in waiters { #expect(await waiter.value?.code == .closed) }
                let late = await failure { () throws(RedisError) in try await connection.ping() }
                #expect(late?.code == .closed)
                await connection.shutdown()
            }
        }
    }

    @Test("a client over three connections survives the loss of its server")
    func client() async throws {
        try await RedisFixture.with { server in
            let client = RedisClient(configuration: server.configuration(), connections: 3, logger: .quiet)
            for _ in 0..<6 { try await client.ping() }
            // The fixture's own probe may still be on its way out.
            #expect(await eventually { (try? await client.info("clients"))?["connected_clients"] == "3" })
            let drift = try await client.time().timeIntervalSinceNow
            #expect(abs(drift) < 5)

            try await server.kill()
            let error = await failure { () throws(RedisError) in try await client.ping() }
            #expect(error?.code == .connectionFailed)
            try await server.start()
            #expect(await eventually { (try? await client.ping()) != nil })

            await client.shutdown()
            #expect(await failure { () throws(RedisError) in try await client.ping() }?.code == .closed)
        }
    }
}
