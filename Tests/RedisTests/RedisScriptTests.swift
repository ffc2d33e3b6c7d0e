import Redis
import Testing

@Suite("Redis scripts")
struct RedisScriptTests {
    private let script = RedisScript(
        name: "concatenate",
        source: "return KEYS[1] .. ':' .. ARGV[1] .. ':' .. ARGV[2]"
    )

    @Test("a script runs whether or not the server remembers it")
    func fallback() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                func run() async throws -> String? {
                    try await connection.run(script, keys: ["k"], arguments: ["a", 1]).string
                }
                #expect(try await run() == "k:a:1")
                #expect(try await run() == "k:a:1")

                _ = try await connection.send(RedisCommand("SCRIPT", "FLUSH"))
                #expect(try await run() == "k:a:1")
                let known = try await connection.send(RedisCommand("SCRIPT", "EXISTS", script.sha1))
                #expect(known == .array([.integer(1)]))

                try await server.kill()
                try await server.start()
                #expect(await eventually { (try? await connection.ping()) != nil })
                #expect(try await run() == "k:a:1")
            }
        }
    }

    @Test("a script's own error names the script and is not run twice")
    func scriptError() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let failing = RedisScript(
                    name: "refuse",
                    source: "redis.call('INCR', KEYS[1]) return redis.error_reply('BUSYGROUP no')"
                )
                let error = await failure { () throws(RedisError) in _ = try await connection.run(failing, keys: ["n"])
                }

                #expect(error?.isBusyGroup == true)
                #expect(error?.message.contains("refuse") == true)
                let runs = try await connection.send(RedisCommand("GET", "n"))
                #expect(runs.int == 1)
            }
        }
    }
}
