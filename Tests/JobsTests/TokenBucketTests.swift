import FoundationEssentials
import Testing

@testable import Jobs

@Suite("Token buckets")
struct TokenBucketTests {
    @Test("the burst is free, what follows waits in line, and beyond the caller's patience nothing is taken")
    func line() async throws {
        try await QueueFixture.with { queue async throws in
            let bucket = TokenBucket(name: "aws", rate: 0.01, burst: 5, pool: queue.pool)
            for _ in 0..<5 { #expect(try await bucket.take(patience: .zero) == .granted(after: .zero)) }
            guard case .granted(let wait) = try await bucket.take(patience: .seconds(150)) else {
                Issue.record("a place in line was refused")
                return
            }
            #expect(wait > .seconds(50) && wait <= .seconds(100))
            guard case .refused(let needed) = try await bucket.take(patience: .seconds(50)) else {
                Issue.record("more was granted than the patience allows")
                return
            }
            #expect(needed > .seconds(100) && needed <= .seconds(200))
        }
    }

    @Test("many callers at once are never promised more than rate and burst")
    func concurrent() async throws {
        try await QueueFixture.with { queue async throws in
            let bucket = TokenBucket(name: "aws", rate: 50, burst: 10, pool: queue.pool)
            let start = ContinuousClock.now
            let waits = try await withThrowingTaskGroup(of: Duration?.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        let answer = try await bucket.take(patience: .seconds(10))
                        let asked = ContinuousClock.now - start
                        if case .granted(let wait) = answer { return asked + wait }
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let granted = waits.compactMap(\.self).sorted()
            #expect(granted.count == 60)
            // The n-th call happens no sooner than the bucket can have filled for it.
            for (index, moment) in granted.enumerated() where index >= 10 {
                #expect(moment >= .seconds(Double(index + 1 - 10) / 50) - .milliseconds(60))
            }
        }
    }
}
