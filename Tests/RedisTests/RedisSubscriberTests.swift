import Redis
import Testing

@Suite("Redis subscriber")
struct RedisSubscriberTests {
    private func world(
        bufferCapacity: Int = 1_024,
        commandTimeout: Duration = .milliseconds(1_500),
        _ body: (RedisFixture, RedisConnection, RedisSubscriber) async throws -> Void
    ) async throws {
        try await RedisFixture.with { server in
            let subscriber = RedisSubscriber(
                configuration: server.configuration(commandTimeout: commandTimeout),
                bufferCapacity: bufferCapacity,
                logger: .quiet
            )
            do {
                try await server.connected { connection in try await body(server, connection, subscriber) }
            } catch {
                await subscriber.shutdown()
                throw error
            }
            await subscriber.shutdown()
        }
    }

    private func text(_ text: String, on channel: String) -> RedisMessage {
        .message(channel: channel, payload: Array(text.utf8))
    }

    @Test("from `connected` on every message arrives, byte for byte and in order")
    func delivery() async throws {
        try await world { _, connection, subscriber in
            var events = subscriber.messages(channels: ["a", "b"]).makeAsyncIterator()
            #expect(await events.next() == .connected)
            let binary = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }

            var heard: [Int] = []
            for (payload, channel) in [(Array("one".utf8), "a"), ([], "b"), (binary, "a"), ([1], "c")] {
                heard.append(try await connection.publish(payload, to: channel))
            }

            #expect(heard == [1, 1, 1, 0])

            #expect(await events.next() == text("one", on: "a"))
            #expect(await events.next() == .message(channel: "b", payload: []))
            #expect(await events.next() == .message(channel: "a", payload: binary))
        }
    }

    @Test("a server that dies is a gap that is told, and the subscription comes back by itself")
    func reconnects() async throws {
        try await world { server, connection, subscriber in
            var events = subscriber.messages(channels: ["a", "b"]).makeAsyncIterator()
            #expect(await events.next() == .connected)
            try await server.kill()
            #expect(await events.next() == .disconnected)
            try await server.start()
            #expect(await events.next() == .connected)

            #expect(await eventually { (try? await connection.publish([1], to: "b")) == 1 })
            #expect(await events.next() == .message(channel: "b", payload: [1]))
        }
    }

    @Test("a frozen server is noticed without its help")
    func watchdog() async throws {
        try await world { server, connection, subscriber in
            var events = subscriber.messages(channels: ["a"]).makeAsyncIterator()
            #expect(await events.next() == .connected)
            let clock = ContinuousClock()
            let frozen = clock.now
            server.freeze()

            #expect(await events.next() == .disconnected)
            #expect(clock.now - frozen < .seconds(15))

            server.thaw()
            #expect(await events.next() == .connected)
            #expect(await eventually { (try? await connection.publish([1], to: "a")) ?? 0 >= 1 })
            #expect(await events.next() == .message(channel: "a", payload: [1]))
        }
    }

    @Test("a quiet server that answers pings stays connected")
    func quiet() async throws {
        try await world { server, connection, subscriber in
            var events = subscriber.messages(channels: ["a"]).makeAsyncIterator()
            #expect(await events.next() == .connected)

            // Redis counts commands: two pings of the subscriber's have come and gone.
            #expect(
                await eventually {
                    let stats = try? await connection.info("commandstats")
                    let pings = stats?["cmdstat_ping"]?.prefix { $0 != "," }.drop { $0 != "=" }.dropFirst()
                    // Three are the handshakes of the probe, of the subscriber and of the connection; one the probe's.
                    return pings.flatMap { Int($0) } ?? 0 >= 6
                }
            )
            let heard = try await connection.publish([1], to: "a")
            #expect(heard == 1)
            #expect(await events.next() == .message(channel: "a", payload: [1]))
        }
    }

    @Test("a reader who is too slow loses the oldest messages and is told how many")
    func slowReader() async throws {
        try await world(bufferCapacity: 10) { _, connection, subscriber in
            var events = subscriber.messages(channels: ["a", "marker"]).makeAsyncIterator()
            var marker = subscriber.messages(channels: ["marker"]).makeAsyncIterator()
            #expect(await events.next() == .connected)
            #expect(await marker.next() == .connected)
            for number in 0..<100 { _ = try await connection.publish([UInt8(number)], to: "a") }
            _ = try await connection.publish([], to: "marker")
            #expect(await marker.next() == .message(channel: "marker", payload: []))

            // The marker may have reached its own stream a moment before this one.
            let first = await events.next()
            var seen: [UInt8] = []
            while let event = await events.next(), case .message("a", let payload) = event { seen += payload }

            guard case .gap(let dropped) = first else {
                Issue.record("no gap was told")
                return
            }
            #expect(dropped == 90 || dropped == 91)
            #expect(seen == (dropped..<100).map { UInt8($0) })
        }
    }

    @Test("listeners share the connection, and the last to leave closes it")
    func leaving() async throws {
        try await world { _, connection, subscriber in
            var stays = subscriber.messages(channels: ["a"]).makeAsyncIterator()
            #expect(await stays.next() == .connected)
            let leaves = Task {
                var seen: [RedisMessage] = []
                for await event in subscriber.messages(channels: ["a", "b"]) { seen.append(event) }
                return seen
            }
            #expect(await eventually { (try? await connection.publish([1], to: "b")) == 1 })
            leaves.cancel()
            _ = await leaves.value
            #expect(await eventually { (try? await connection.publish([2], to: "b")) == 0 })

            let heard = try await connection.publish([3], to: "a")
            #expect(heard == 1)
            #expect(await stays.next() == .message(channel: "a", payload: [3]))
            do {
                let dropped = subscriber.messages(channels: ["c"])
                #expect(await eventually { (try? await connection.publish([4], to: "c")) == 1 })
                _ = dropped
            }
            #expect(await eventually { (try? await connection.publish([5], to: "c")) == 0 })
        }
    }

    @Test("a subscriber whose listeners have all left hangs up, and calls again for the next one")
    func restart() async throws {
        try await world { _, connection, subscriber in
            func clients() async -> String? { (try? await connection.info("clients"))?["connected_clients"] }
            for _ in 0..<3 {
                let listening = Task {
                    for await _ in subscriber.messages(channels: ["a"]) {}
                }
                #expect(await eventually { await clients() == "2" })
                listening.cancel()
                #expect(await eventually { await clients() == "1" })
            }
        }
    }

    @Test("shutting down ends every stream at once, also while the server is away")
    func shutdown() async throws {
        try await world { server, _, subscriber in
            var events = subscriber.messages(channels: ["a"]).makeAsyncIterator()
            #expect(await events.next() == .connected)
            try await server.kill()
            #expect(await events.next() == .disconnected)
            let taken = await ContinuousClock().measure { await subscriber.shutdown() }

            #expect(taken < .seconds(10))
            #expect(await events.next() == nil)
            var late = subscriber.messages(channels: ["a"]).makeAsyncIterator()
            #expect(await late.next() == nil)
            var none = subscriber.messages(channels: []).makeAsyncIterator()
            #expect(await none.next() == nil)
        }
    }
}
