import Redis
import Testing

@Suite("Redis URLs")
struct RedisConfigurationTests {
    @Test(
        "a URL gives address, credentials and database",
        arguments: [
            ("redis://localhost", RedisConfiguration(host: "localhost")),
            ("redis://10.0.0.1:6380/", RedisConfiguration(host: "10.0.0.1", port: 6380)),
            ("REDIS://[::1]:7000", RedisConfiguration(host: "::1", port: 7000)),
            ("redis://:secret@h", RedisConfiguration(host: "h", password: "secret")),
            ("redis://me:p%40ss%2Fw%3A@h", RedisConfiguration(host: "h", username: "me", password: "p@ss/w:")),
            ("redis://h/7", RedisConfiguration(endpoint: .tcp(host: "h", port: 6379), database: 7)),
            ("unix:///run/redis.sock", RedisConfiguration(endpoint: .unix(path: "/run/redis.sock"))),
            ("unix:///run/r.sock?db=3", RedisConfiguration(endpoint: .unix(path: "/run/r.sock"), database: 3)),
        ]
    )
    func accepted(url: String, expected: RedisConfiguration) throws {
        #expect(try RedisConfiguration(url: url) == expected)
    }

    @Test(
        "a URL that cannot work is refused without being repeated",
        arguments: [
            "", "localhost:6379", "http://:hunter2@h", "redis://", "redis://:hunter2@", "redis://:hunter2@h:0",
            "redis://:hunter2@h:70000", "redis://:hunter2@h/first", "redis://:hunter2@h/-1", "redis://:hunter2@h/1/2",
            "unix://", "unix:///", "unix://relative/path", "unix:///run/r.sock?db=x", "rediss://:hunter2@h",
            "redis://h x:hunter2", "redis://hunter2@h", "redis://:hunter2@h?ssl=true", "redis://:hunter2@h/1#x",
            "unix:///" + String(repeating: "d", count: 108),
        ]
    )
    func refused(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: url) }

        #expect(error.code == .invalidConfiguration)
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test("a TLS URL is refused with the remedy")
    func noTLS() throws {
        let error = try #require(throws: RedisError.self) { try RedisConfiguration(url: "rediss://h:6380") }

        #expect(error.message.contains("TLS proxy"))
    }

    @Test("no way of printing a configuration shows its password")
    func printing() {
        let configuration = RedisConfiguration(host: "h", username: "me", password: "hunter2")
        var dumped = ""
        dump(configuration, to: &dumped)

        #expect(!"\(configuration)".contains("hunter2"))
        #expect(!String(reflecting: configuration).contains("hunter2"))
        #expect(!dumped.contains("hunter2"))
    }
}
