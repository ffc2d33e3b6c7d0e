import Redis

/// What only the keeper does.
extension Doorbell {
    /// How long the keeper's words about a lane hold: without a keeper, API processes ring on their own.
    private static let publishedFor = 10

    struct LaneGauge {
        let length: Int
        /// Entries handed to readers so far.
        let read: Int
        /// How long the oldest unread entry has waited, by Redis' clock.
        let oldestUnread: Duration?
    }

    func generationToken() async throws(RedisError) -> String? {
        try await redis.send(RedisCommand("GET", keys.generation)).string
    }

    /// Notes that a token will follow: by it Redis knows at ``setGenerationToken(_:)`` that it has lost nothing since.
    func announceGeneration(_ token: String) async throws(RedisError) {
        _ = try await redis.send(RedisCommand("SET", keys.nextGeneration, token))
    }

    /// Sets the token that was announced.
    ///
    /// - Returns: False where the announcement is gone, and the data with it; then nothing was set. A command that was
    ///   under way for long cannot make an emptied Redis look whole.
    func setGenerationToken(_ token: String) async throws(RedisError) -> Bool {
        try await redis.run(
            DoorbellScripts.setToken,
            keys: [keys.generation, keys.nextGeneration],
            arguments: [.string(token)]
        ).int == 1
    }

    func gauge(_ lane: Lane) async throws -> LaneGauge {
        let reply = try await ensuringGroups { () async throws(RedisError) in
            try await redis.run(
                DoorbellScripts.gauge,
                keys: [keys.stream(lane)],
                arguments: [.string(keys.group)]
            )
        }
        let numbers = (reply.array ?? []).map { $0.int ?? 0 }
        guard numbers.count == 3 else { return LaneGauge(length: 0, read: 0, oldestUnread: nil) }
        return LaneGauge(
            length: numbers[0],
            read: numbers[1],
            oldestUnread: numbers[2] < 0 ? nil : .milliseconds(numbers[2])
        )
    }

    func reclaim(_ lane: Lane, idle: Duration) async throws -> Int {
        try await ensuringGroups { () async throws(RedisError) in
            try await redis.run(
                DoorbellScripts.reclaim,
                keys: [keys.stream(lane)],
                arguments: [
                    .string(keys.group), "keeper", .integer(Int(idle.inSeconds * 1000)),
                ]
            )
        }.int ?? 0
    }

    func sweepConsumers(_ lane: Lane, idle: Duration) async throws -> Int {
        try await ensuringGroups { () async throws(RedisError) in
            try await redis.run(
                DoorbellScripts.sweepConsumers,
                keys: [keys.stream(lane)],
                arguments: [.string(keys.group), .integer(Int(idle.inSeconds * 1000))]
            )
        }.int ?? 0
    }

    func publish(_ lane: Lane, window: Int, hasBacklog: Bool) async throws(RedisError) {
        _ = try await redis.send(pipeline: [
            RedisCommand(
                "HSET",
                keys.lanes,
                "window:\(lane.rawValue)",
                window,
                "backlog:\(lane.rawValue)",
                hasBacklog ? 1 : 0
            ),
            RedisCommand("EXPIRE", keys.lanes, Self.publishedFor),
        ])
    }

    /// Makes the groups where a script finds them missing, and runs it again.
    private func ensuringGroups(_ body: () async throws(RedisError) -> RedisValue) async throws(RedisError)
        -> RedisValue
    {
        do {
            return try await body()
        } catch let error where error.isNoGroup || error.isNoStream {
            try await ensureGroups()
            return try await body()
        }
    }
}

extension RedisError {
    /// XINFO on a stream that does not exist.
    fileprivate var isNoStream: Bool { code == .server && message.contains("no such key") }
}
