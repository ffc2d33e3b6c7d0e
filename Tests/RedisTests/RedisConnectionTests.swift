import Glibc
import Testing

@testable import Redis

@Suite("Redis connection")
struct RedisConnectionTests {
    @Test("each of 256 tasks gets its own replies, in its own order")
    func order() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for task in 0..<256 {
                        group.addTask {
                            for round in 0..<20 {
                                let text = "\(task)/\(round)"
                                let reply = try await connection.send(RedisCommand("ECHO", text))
                                try #require(reply.string == text)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("bytes come back as they went", arguments: [0, 1, 15, 16_383, 16_384, 1_000_000, 5_000_000])
    func binary(size: Int) async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }

                _ = try await connection.send(RedisCommand("SET", [0, 13, 10, 255] as [UInt8], payload))
                let reply = try await connection.send(RedisCommand("GET", [0, 13, 10, 255] as [UInt8]))

                #expect(reply.bytes?.count == size)
                #expect(reply == .bulk(payload))
            }
        }
    }

    @Test("an error reply inside a pipeline stands alone")
    func errorsInPipelines() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let replies = try await connection.send(pipeline: [
                    RedisCommand("SET", "text", "x"),
                    RedisCommand("INCR", "text"),
                    RedisCommand("NOSUCHCOMMAND", "secret"),
                    RedisCommand("GET", "text"),
                    RedisCommand("GET", "absent"),
                ])

                #expect(replies[0] == .simple("OK"))
                #expect(replies[1].failure?.serverCode == "ERR")
                #expect(replies[2].failure?.message.contains("secret") == false)
                #expect(replies[3] == .bulk(Array("x".utf8)))
                #expect(replies[4] == .null)
                #expect(replies.count == 5)
                #expect(try await connection.send(pipeline: []).isEmpty)
            }
        }
    }

    @Test("an error reply to a single command is thrown, and the connection lives on")
    func errorReply() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("GET"))
                }

                #expect(error?.code == .server)
                let before = try await connection.send(RedisCommand("CLIENT", "ID")).int
                #expect(try await connection.send(RedisCommand("CLIENT", "ID")).int == before)
            }
        }
    }

    @Test("a huge array comes whole")
    func huge() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let script = "local t = {} for i = 1, 200000 do t[i] = i end return t"
                let reply = try await connection.send(RedisCommand("EVAL", script, 0))

                let numbers = try #require(reply.array)
                #expect(numbers.count == 200_000)
                #expect(numbers.last == .integer(200_000))
            }
        }
    }

    @Test("replies as deep as hiredis reads are read, deeper ones are refused and the connection recovers")
    func deep() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let script = "local t = {'end'} for i = 2, tonumber(ARGV[1]) do t = {t} end return t"
                var value = try await connection.send(RedisCommand("EVAL", script, 0, 7))
                var depth = 0
                while let inner = value.array?.first { (value, depth) = (inner, depth + 1) }
                #expect(depth == 7)
                #expect(value.string == "end")

                let error = await failure { () throws(RedisError) in
                    _ = try await connection.send(RedisCommand("EVAL", script, 0, 100))
                }

                #expect(error?.code == .unexpectedReply)
                #expect(await eventually { (try? await connection.ping()) != nil })
            }
        }
    }

    @Test("the configured database and name are in force")
    func introduction() async throws {
        try await RedisFixture.with { server in
            var configuration = server.configuration()
            configuration.database = 5
            configuration.clientName = "worker 1\n✓"
            try await server.connected(configuration) { connection in
                let client = try await connection.send(RedisCommand("CLIENT", "INFO")).string ?? ""
                #expect(client.contains(" db=5 "))
                #expect(client.contains(" name=worker-1-- "))
            }
            configuration.database = 99
            try await server.connected(configuration) { connection in
                let error = await failure { () throws(RedisError) in try await connection.ping() }
                #expect(error?.code == .connectionFailed)
                #expect(error?.message.contains("DB index is out of range") == true)
            }
        }
    }

    @Test("a unix socket serves as well")
    func unixSocket() async throws {
        let path = "/tmp/cloudoptim-test-\(UInt64.random(in: 0 ... .max)).sock"
        defer { unlink(path) }
        try await RedisFixture.with("--unixsocket \(path)") { server in
            let configuration = try RedisConfiguration(url: "unix://\(path)?db=2")
            try await server.connected(configuration) { connection in
                let client = try await connection.send(RedisCommand("CLIENT", "INFO")).string ?? ""
                #expect(client.contains(" db=2 "))
            }
        }
    }

    @Test("a wrong, a missing and the right password")
    func passwords() async throws {
        try await RedisFixture.with("--requirepass right-horse") { server in
            for (password, code) in [("hunter2" as String?, "WRONGPASS"), (nil, "NOAUTH")] {
                try await server.connected(server.configuration(password: password)) { connection in
                    let error = await failure { () throws(RedisError) in try await connection.ping() }
                    #expect(error?.code == .connectionFailed)
                    #expect(error?.serverCode == code)
                    #expect(error.map { "\($0)" }?.contains("hunter2") == false)
                    #expect(error?.message.contains("password") == true)
                }
            }
            try await server.connected(server.configuration(password: "right-horse")) { try await $0.ping() }
        }
    }

    @Test("an ACL user logs in by name")
    func users() async throws {
        try await RedisFixture.with("--user reader on '>pa:ss@/' '~*' +get +echo") { server in
            let configuration = try RedisConfiguration(url: "redis://reader:pa%3Ass%40%2F@127.0.0.1:\(server.port)")
            try await server.connected(configuration) { connection in
                let echo = try await connection.send(RedisCommand("ECHO", "x"))
                #expect(echo.string == "x")
                let error = await failure { () throws(RedisError) in
                    _ = try await connection.send(RedisCommand("SET", "k", "v"))
                }
                #expect(error?.serverCode == "NOPERM")
            }
        }
    }
}
