/// Something that takes commands: one connection, or a client over several.
package protocol RedisCommanding: Sendable {
    /// Sends one command; an error reply is thrown.
    func send(_ command: RedisCommand) async throws(RedisError) -> RedisValue
    /// Sends commands back to back; error replies stand among the values.
    func send(pipeline: [RedisCommand]) async throws(RedisError) -> [RedisValue]
}
