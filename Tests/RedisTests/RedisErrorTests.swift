import Redis
import Testing

@Suite("Redis errors")
struct RedisErrorTests {
    @Test(
        "the server's first word decides what an error is",
        arguments: [
            ("NOGROUP No such key", \RedisError.isNoGroup),
            ("UNBLOCKED the stream key no longer exists", \RedisError.isNoGroup),
            ("NOSCRIPT No matching script", \RedisError.isNoScript),
            ("BUSYGROUP Consumer Group name already exists", \RedisError.isBusyGroup),
            ("OOM command not allowed", \RedisError.isOutOfMemory),
            ("LOADING Redis is loading", \RedisError.isLoading),
        ] as [(String, any KeyPath<RedisError, Bool> & Sendable)]
    )
    func kinds(text: String, kind: any KeyPath<RedisError, Bool> & Sendable) throws {
        let error = try #require(RedisValue.error(text).failure)
        let all: [KeyPath<RedisError, Bool>] = [
            \.isNoGroup, \.isNoScript, \.isBusyGroup, \.isOutOfMemory, \.isLoading,
        ]

        #expect(error.code == .server)
        #expect(all.filter { error[keyPath: $0] } == [kind])
    }

    @Test("arguments that the server quotes are cut off")
    func quoting() throws {
        let text = "ERR unknown command 'AUTHX', with args beginning with: 'hunter2' "
        let error = try #require(RedisValue.error(text).failure)

        #expect(error.message == "ERR unknown command 'AUTHX'")
    }

    @Test("a message without end is cut")
    func length() throws {
        let error = try #require(RedisValue.error("ERR " + String(repeating: "x", count: 100_000)).failure)

        #expect(error.message.utf8.count < 300)
    }
}
