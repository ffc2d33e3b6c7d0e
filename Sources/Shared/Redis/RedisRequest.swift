/// What one caller wants sent, when it gives up, and where its answer goes.
struct RedisRequest: Sendable {
    enum Content: Sendable {
        case single(RedisCommand)
        /// Sent back to back; answered as one array, error replies among its elements.
        case pipeline([RedisCommand])
    }

    let content: Content
    let deadline: ContinuousClock.Instant
    let waiter = RedisWaiter()

    init(_ content: Content, deadline: ContinuousClock.Instant) {
        self.content = content
        self.deadline = deadline
    }

    var commandCount: Int {
        switch content {
        case .single: 1
        case .pipeline(let commands): commands.count
        }
    }

    /// Whether a replica refused to write.
    func isRefusedByReplica(_ reply: RedisValue) -> Bool {
        switch (content, reply) {
        case (.single, .error(let text)): text.hasPrefix("READONLY")
        case (.pipeline, .array(let replies)):
            replies.contains { if case .error(let text) = $0 { text.hasPrefix("READONLY") } else { false } }
        default: false
        }
    }

    func append(to transport: borrowing RedisTransport) {
        switch content {
        case .single(let command): transport.append(command)
        case .pipeline(let commands): for command in commands { transport.append(command) }
        }
    }

    func readReply(from transport: borrowing RedisTransport) throws(RedisError) -> RedisValue {
        switch content {
        case .single:
            return try transport.readReply(until: deadline)
        case .pipeline(let commands):
            var replies: [RedisValue] = []
            replies.reserveCapacity(commands.count)
            for _ in commands { replies.append(try transport.readReply(until: deadline)) }
            return .array(replies)
        }
    }
}
