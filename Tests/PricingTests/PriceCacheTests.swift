import FoundationEssentials
import Redis
import Support
import Synchronization
import Testing

@testable import Pricing

@Suite("Cached prices")
struct PriceCacheTests {
    private let namespace = "t-" + UUID().uuidString.lowercased()

    /// On a Redis of the suite's own: others empty the shared one.
    private func cache(port: Int) -> PriceCache {
        let configuration = RedisConfiguration(host: "127.0.0.1", port: port)
        // Longer than any busy machine keeps a reader waiting: what is tried is who reads, not how fast.
        return PriceCache(
            redis: RedisClient(configuration: configuration),
            namespace: namespace,
            patience: .seconds(30)
        )
    }

    /// Counts how often the ledger is read.
    private final class Ledger: Sendable {
        private let reads = Mutex(0)
        var count: Int { reads.withLock { $0 } }

        func read() async throws -> [UInt8] {
            let number = reads.withLock {
                $0 += 1
                return $0
            }
            try await Task.sleep(for: .milliseconds(30))
            return Array("answer \(number)\nof two lines".utf8)
        }
    }

    private static let east = PriceChange.spotPrices(region: "us-east-1")

    @Test("a hundred who ask at once, in four processes, make one reading, and the next one none")
    func single() async throws {
        let server = try await PrivateServers.startRedis()
        let caches = (0..<4).map { _ in cache(port: server.port) }
        let ledger = Ledger()
        let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await caches[number % 4].document("a", outdatedBy: Self.east) { try await ledger.read() }.bytes
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ledger.count == 1)
        #expect(answers == [Array("answer 1\nof two lines".utf8)])
        let again = try await caches[0].document("a", outdatedBy: Self.east) { try await ledger.read() }
        #expect(again.isFromCache && ledger.count == 1)
        #expect(again.readAt <= Date() && again.readAt > Date().addingTimeInterval(-60))
        try await server.stop()
    }

    @Test("a change puts out of date what is made of it and nothing else, also what is being read just then")
    func changes() async throws {
        let server = try await PrivateServers.startRedis()
        let cache = cache(port: server.port)
        let (east, west) = (Ledger(), Ledger())
        _ = try await cache.document("e", outdatedBy: Self.east) { try await east.read() }
        _ = try await cache.document("w", outdatedBy: .spotPrices(region: "us-west-2")) { try await west.read() }

        await cache.invalidate(Self.east)
        async let early = cache.document("e", outdatedBy: Self.east) {
            let bytes = try await east.read()
            // The write commits after our reading, before it is kept.
            await cache.invalidate(Self.east)
            return bytes
        }
        #expect(try await early.bytes == Array("answer 2\nof two lines".utf8))
        let late = try await cache.document("e", outdatedBy: Self.east) { try await east.read() }
        #expect(!late.isFromCache && east.count == 3)
        let other = try await cache.document("w", outdatedBy: .spotPrices(region: "us-west-2")) {
            try await west.read()
        }
        #expect(other.isFromCache && west.count == 1)
        try await server.stop()
    }

    @Test("a reading that fails is told to all who wait and kept by nobody; without Redis the ledger answers")
    func failures() async throws {
        struct Down: Error {}
        let server = try await PrivateServers.startRedis()
        let cache = cache(port: server.port)
        let ledger = Ledger()
        await #expect(throws: Down.self) {
            try await cache.document("f", outdatedBy: Self.east) { throw Down() }
        }
        #expect(try await !cache.document("f", outdatedBy: Self.east) { try await ledger.read() }.isFromCache)

        let alone = self.cache(port: try LoopbackPort.free())
        for _ in 0..<2 {
            #expect(try await !alone.document("f", outdatedBy: Self.east) { try await ledger.read() }.isFromCache)
        }
        await alone.invalidate(Self.east)
        #expect(ledger.count == 3)
        try await server.stop()
    }
}
