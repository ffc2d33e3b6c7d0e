package import Redis
import Synchronization

/// Reads rung jobs from the lanes, over a blocking connection of its own.
package final class RingReader: Sendable {
    /// Short enough to notice a stop, long enough to cost nothing.
    package static let block: Duration = .seconds(1)

    private let reader: RedisStreamReader
    private let doorbell: Doorbell
    private let consumer: String
    private let turns: Mutex<LaneTurns>

    package init(reader: RedisStreamReader, doorbell: Doorbell, consumer: String, lanes: [Lane]) {
        self.reader = reader
        self.doorbell = doorbell
        self.consumer = consumer
        self.turns = Mutex(LaneTurns(lanes, now: .now))
    }

    /// Up to about `limit` rung jobs of `lanes`: what they hold by their weights, else the first to come.
    ///
    /// Lanes share by weight while all have work; what a lane leaves goes to the others. May return a few more than
    /// `limit` (the blocking read counts per lane) and nothing when nothing came in ``block``; without `isWaiting` it does
    /// not wait for anything to come.
    package func read(limit: Int, lanes: [Lane], isWaiting: Bool = true) async throws(RedisError) -> [RungJob] {
        do {
            var jobs = try await readAvailable(limit: limit, lanes)
            if jobs.isEmpty, isWaiting {
                jobs = try await read(lanes, count: max(1, limit / lanes.count), block: Self.block)
            }
            return jobs
        } catch let error where error.isNoGroup {
            // The stream is new, or Redis has lost its data. From the start: a repeated ring is harmless.
            try await doorbell.ensureGroups()
            return []
        }
    }

    private func readAvailable(limit: Int, _ wanted: [Lane]) async throws(RedisError) -> [RungJob] {
        let order = turns.withLock { $0.order(now: .now) }.filter(wanted.contains)
        var jobs: [RungJob] = []
        for (index, lane) in order.enumerated() where jobs.count < limit {
            let room = limit - jobs.count
            let share = turns.withLock { $0.share(of: lane, among: Array(order[index...]), room: room) }
            let found = try await read([lane], count: share, block: .zero)
            turns.withLock { $0.served(lane, count: found.count, now: .now) }
            jobs += found
        }
        // A second pass hands out what other lanes left over.
        for lane in order where jobs.count < limit && !jobs.isEmpty {
            jobs += try await read([lane], count: limit - jobs.count, block: .zero)
        }
        return jobs
    }

    private func read(_ lanes: [Lane], count: Int, block: Duration) async throws(RedisError) -> [RungJob] {
        let entries = try await reader.read(
            group: doorbell.keys.group,
            consumer: consumer,
            streams: lanes.map(doorbell.keys.stream),
            count: count,
            block: block
        )
        return entries.compactMap { entry in
            guard let lane = doorbell.keys.lane(ofStream: entry.stream) else { return nil }
            guard let id = entry.text("id").flatMap({ JobID($0) }) else { return nil }
            return RungJob(id: id, lane: lane, capability: entry.text("k") ?? "", entryID: entry.id)
        }
    }
}
