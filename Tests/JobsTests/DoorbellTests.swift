import FoundationEssentials
import Redis
import Support
import Testing

@testable import Jobs

@Suite("The doorbell: nothing in Redis is needed, and all of it can be made again")
struct DoorbellTests {
    private func reader(_ queue: QueueFixture, consumer: String = "c") async throws -> (RingReader, RedisStreamReader) {
        let stream = RedisStreamReader(configuration: try await PrivateServers.redisConfiguration())
        return (RingReader(reader: stream, doorbell: queue.doorbell, consumer: consumer, lanes: Lane.allCases), stream)
    }

    @Test("what is rung is read once, lane by lane, and acknowledging leaves nothing behind")
    func roundTrip() async throws {
        try await QueueFixture.with { queue async throws in
            let (reader, stream) = try await reader(queue)
            try await queue.doorbell.ensureGroups()
            let rings = Lane.allCases.map { Ring(id: .make(), lane: $0, capability: "drill.noop:1") }
            let gauges = try await queue.doorbell.ring(rings)
            #expect(gauges[.bulk] == Doorbell.Gauge(length: 1))

            let read = try await reader.read(limit: 10, lanes: Lane.allCases)

            #expect(Set(read.map(\.id)) == Set(rings.map(\.id)))
            #expect(read.allSatisfy { $0.capability == "drill.noop:1" })
            try await queue.doorbell.acknowledge(read)
            #expect(try await queue.doorbell.gauge(.critical).length == 0)
            #expect(try await reader.read(limit: 10, lanes: Lane.allCases).isEmpty)
            await stream.shutdown()
        }
    }

    @Test("a token that was under way while Redis lost its data once more is refused, however late or often it comes")
    func lateToken() async throws {
        try await QueueFixture.with { queue async throws in
            let doorbell = queue.doorbell
            try await doorbell.announceGeneration("first")
            #expect(try await !doorbell.setGenerationToken("other"))
            #expect(try await doorbell.setGenerationToken("first"))
            #expect(try await doorbell.generationToken() == "first")
            try await doorbell.announceGeneration("second")
            for key in [doorbell.keys.generation, doorbell.keys.nextGeneration] {
                _ = try await queue.redis.send(RedisCommand("DEL", key))
            }
            for token in ["second", "first"] { #expect(try await !doorbell.setGenerationToken(token)) }
            #expect(try await doorbell.generationToken() == nil)
        }
    }

    @Test("after Redis lost everything the keeper rings every waiting job again")
    func lostData() async throws {
        try await QueueFixture.with { queue async throws in
            let (reader, stream) = try await reader(queue)
            var keeper = DoorbellKeeper(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            try await keeper.checkGeneration()
            let jobs = (0..<30).map { _ in queue.newJob() }
            _ = try await queue.ledger.accept(jobs.map { .init(job: $0, ring: true) })
            _ = try await queue.doorbell.ring(jobs.map { Ring(id: $0.id, lane: $0.lane, capability: $0.capability) })
            for key in Lane.allCases.map(queue.doorbell.keys.stream) + [queue.doorbell.keys.generation] {
                _ = try await queue.redis.send(RedisCommand("DEL", key))
            }

            try await keeper.checkGeneration()
            _ = try await keeper.dispatch()

            var read: Set<JobID> = []
            while true {
                let batch = try await reader.read(limit: 50, lanes: Lane.allCases)
                if batch.isEmpty { break }
                read.formUnion(batch.map(\.id))
            }
            #expect(read == Set(jobs.map(\.id)))
            let before = try await queue.ledger.doorbell().generation
            try await keeper.checkGeneration()
            #expect(try await queue.ledger.doorbell().generation == before)
            await stream.shutdown()
        }
    }

    @Test("two keepers that find the same loss start one new generation")
    func racingKeepers() async throws {
        try await QueueFixture.with { queue async throws in
            var first = DoorbellKeeper(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            var second = DoorbellKeeper(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            try await first.checkGeneration()
            try await second.checkGeneration()
            try await first.checkGeneration()
            #expect(try await queue.ledger.doorbell().generation == 2)
        }
    }

    @Test("an entry whose reader died is rung again")
    func reclaim() async throws {
        try await QueueFixture.with { queue async throws in
            let (dead, deadStream) = try await reader(queue, consumer: "dead")
            let (alive, aliveStream) = try await reader(queue, consumer: "alive")
            try await queue.doorbell.ensureGroups()
            let ring = Ring(id: .make(), lane: .batch, capability: "drill.noop:1")
            _ = try await queue.doorbell.ring([ring])
            #expect(try await dead.read(limit: 5, lanes: Lane.allCases).map(\.id) == [ring.id])

            #expect(try await queue.doorbell.reclaim(.batch, idle: .zero) == 1)

            #expect(try await alive.read(limit: 5, lanes: Lane.allCases).map(\.id) == [ring.id])
            await deadStream.shutdown()
            await aliveStream.shutdown()
        }
    }

    @Test("a consumer with unacknowledged entries is never removed, however long it is idle")
    func sweepConsumers() async throws {
        try await QueueFixture.with { queue async throws in
            let (reader, stream) = try await reader(queue, consumer: "busy")
            try await queue.doorbell.ensureGroups()
            _ = try await queue.doorbell.ring([Ring(id: .make(), lane: .bulk, capability: "drill.noop:1")])
            let read = try await reader.read(limit: 5, lanes: Lane.allCases)
            #expect(try await queue.doorbell.sweepConsumers(.bulk, idle: .zero) == 0)
            try await queue.doorbell.acknowledge(read)
            try await Condition.holds { try await queue.doorbell.sweepConsumers(.bulk, idle: .zero) == 1 }
            await stream.shutdown()
        }
    }

    @Test("a stream never holds more than its window, however long the backlog")
    func window() async throws {
        try await QueueFixture.with { queue async throws in
            var keeper = DoorbellKeeper(ledger: queue.ledger, doorbell: queue.doorbell, logger: queue.logger)
            try await keeper.checkGeneration()
            for _ in 0..<3 { _ = try await queue.accept((0..<500).map { _ in queue.newJob() }) }

            #expect(try await keeper.dispatch())
            #expect(try await keeper.dispatch())

            #expect(try await queue.doorbell.gauge(.batch).length == DoorbellKeeper.smallestWindow)
            let gauges = try await queue.doorbell.ring([])
            #expect(gauges[.batch]?.hasBacklog == true)
            #expect(gauges[.interactive]?.hasBacklog == false)
        }
    }

    @Test("announcements carry ids through, and a cut one loses only its last id")
    func announcements() {
        let ids = (0..<3).map { _ in JobID.make() }
        let bytes = ids.flatMap { Array($0.description.utf8) }
        #expect(Doorbell.endedJobs(inAnnouncement: bytes) == ids)
        #expect(Doorbell.endedJobs(inAnnouncement: Array(bytes.dropLast())) == Array(ids.prefix(2)))
        #expect(Doorbell.endedJobs(inAnnouncement: []).isEmpty)
    }
}
