import Testing

@testable import Redis

@Suite("Redis commands and values")
struct RedisCommandTests {
    @Test("mixed arguments are laid end to end")
    func mixed() {
        var command = RedisCommand("SET", "key", -7, [0xFF, 0x00] as [UInt8], "")
        command.append(contentsOf: ["NX", 5] as [RedisArgument])

        #expect(command.name == "SET")
        #expect(command.ends == [3, 6, 8, 10, 10, 12, 13])
        #expect(command.bytes == Array("SETkey-7".utf8) + [0xFF, 0x00] + Array("NX5".utf8))
    }

    @Test("a value gives itself only in shapes it has")
    func accessors() {
        #expect(RedisValue.bulk(Array("42".utf8)).int == 42)
        #expect(RedisValue.bulk(Array("4x".utf8)).int == nil)
        #expect(RedisValue.integer(.max).int == Int(Int64.max))
        #expect(RedisValue.simple("OK").string == "OK")
        #expect(RedisValue.integer(1).string == nil)
        #expect(RedisValue.array([.null]).array == [.null])
        #expect(RedisValue.null.array == nil)
        #expect(RedisValue.error("ERR x").string == nil)
        #expect(RedisValue.null.isNull)
    }

    @Test("a script's digest is the SHA-1 that Redis computes")
    func digest() {
        // SHA-1 of "return 1", as SCRIPT LOAD answers it.
        #expect(RedisScript(name: "one", source: "return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }

    @Test("back-off doubles from 50 ms to 2 s and keeps to the upper half of each step")
    func backoff() {
        var backoff = RedisBackoff()
        var generator = SystemRandomNumberGenerator()

        for milliseconds in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000] {
            let delay = backoff.next(using: &generator)
            #expect(delay <= .milliseconds(milliseconds))
            #expect(delay >= .milliseconds(milliseconds) / 2)
        }
        for _ in 0..<10_000 { _ = backoff.next(using: &generator) }
        #expect(backoff.next(using: &generator) <= RedisBackoff.longest)
        backoff.reset()
        #expect(backoff.next(using: &generator) <= RedisBackoff.shortest)
    }
}
