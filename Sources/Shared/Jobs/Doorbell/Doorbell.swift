package import Redis

/// The rings in Redis Streams: a bounded window of job ids, rebuildable at any moment, never the only copy of anything.
package struct Doorbell: Sendable {
    package let keys: DoorbellKeys
    let redis: RedisClient

    package init(redis: RedisClient, keys: DoorbellKeys = DoorbellKeys()) {
        self.redis = redis
        self.keys = keys
    }

    /// How full the lanes are, as the reply to a ring tells.
    package struct Gauge: Sendable, Equatable {
        package var length = 0
        /// The most ids the stream should hold; 0 when no keeper has said so yet.
        package var window = 0
        /// Whether the ledger holds unrung jobs, which come first.
        package var hasBacklog = false

        package init(length: Int = 0, window: Int = 0, hasBacklog: Bool = false) {
            self.length = length
            self.window = window
            self.hasBacklog = hasBacklog
        }
    }

    /// Rings the jobs.
    ///
    /// A failure loses nothing: the keeper rings again what is not claimed.
    package func ring(_ rings: [Ring]) async throws(RedisError) -> [Lane: Gauge] {
        var arguments: [RedisArgument] = []
        arguments.reserveCapacity(rings.count * 3)
        for ring in rings {
            arguments.append(.integer(ring.lane.index))
            arguments.append(.string(ring.id.description))
            arguments.append(.string(ring.capability))
        }
        let reply = try await redis.run(
            DoorbellScripts.ring,
            keys: Lane.allCases.map(keys.stream) + [keys.lanes],
            arguments: arguments
        )
        let numbers = (reply.array ?? []).map { $0.int ?? 0 }
        var gauges: [Lane: Gauge] = [:]
        for (index, lane) in Lane.allCases.enumerated() where numbers.count >= 3 * index + 3 {
            gauges[lane] = Gauge(
                length: numbers[3 * index],
                window: numbers[3 * index + 1],
                hasBacklog: numbers[3 * index + 2] != 0
            )
        }
        return gauges
    }

    /// Acknowledges entries whose jobs are claimed, or need no claim any more.
    package func acknowledge(_ entries: [RungJob]) async throws(RedisError) {
        for (lane, entries) in Dictionary(grouping: entries, by: \.lane) {
            _ = try await redis.run(
                DoorbellScripts.acknowledge,
                keys: [keys.stream(lane)],
                arguments: [.string(keys.group)] + entries.map { .string($0.entryID) }
            )
        }
    }

    /// Makes streams and groups where they are missing, from the first entry on: a repeated ring is harmless.
    package func ensureGroups() async throws(RedisError) {
        for lane in Lane.allCases {
            try await redis.xgroupCreate(keys.stream(lane), group: keys.group)
        }
    }

    /// Tells waiting API processes that these jobs have ended.
    package func announce(_ ended: [JobID]) async throws(RedisError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ended.count * 36)
        for id in ended { bytes.append(contentsOf: id.description.utf8) }
        _ = try await redis.publish(bytes, to: keys.done)
    }

    /// The ids in one announcement.
    package static func endedJobs(inAnnouncement bytes: [UInt8]) -> [JobID] {
        stride(from: 0, to: bytes.count - bytes.count % 36, by: 36).compactMap { start in
            JobID(String(decoding: bytes[start..<start + 36], as: UTF8.self))
        }
    }

    /// Refuses a Redis that may evict the streams.
    ///
    /// - Throws: ``JobError`` `.unsafeConfiguration` for any policy but noeviction.
    package func requireNoEviction() async throws {
        let policy = try await redis.info("memory")["maxmemory_policy"] ?? "unknown"
        guard policy == "noeviction" else {
            throw JobError(
                .unsafeConfiguration,
                "redis maxmemory-policy is \(policy); set it to noeviction, or job streams can be evicted"
            )
        }
    }
}

/// An entry read from a lane's stream.
package struct RungJob: Sendable, Equatable {
    package let id: JobID
    package let lane: Lane
    /// The kind and version of the payload, as workers name what they can run: `name:version`.
    package let capability: String
    /// The entry's id in the stream.
    package let entryID: String
}

extension Lane {
    /// The position among the ring script's keys, from 1.
    var index: Int {
        switch self {
        case .critical: 1
        case .interactive: 2
        case .batch: 3
        case .bulk: 4
        }
    }
}
