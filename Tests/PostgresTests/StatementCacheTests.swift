import Testing

@testable import Postgres

@Suite("Statement cache") struct StatementCacheTests {
    private func key(_ sql: String, _ types: [UInt32] = []) -> StatementCache.Key { .init(sql: sql, types: types) }

    @Test("a text is prepared once for each list of types")
    func once() {
        var cache = StatementCache()
        let first = cache.use(key("a"))
        #expect(first.mustPrepare && first.evicted == nil)
        #expect(cache.use(key("a")) == .init(name: first.name, mustPrepare: false, evicted: nil))
        #expect(cache.use(key("a", [20])).mustPrepare)
        #expect(cache.count == 2)
    }

    @Test("the statement that was not used for longest makes room")
    func evicts() {
        var cache = StatementCache(capacity: 2)
        let a = cache.use(key("a"))
        let b = cache.use(key("b"))
        _ = cache.use(key("a"))
        let c = cache.use(key("c"))
        #expect(c.evicted == b.name)
        #expect(!cache.use(key("a")).mustPrepare)
        let again = cache.use(key("b"))
        #expect(again.mustPrepare && again.evicted == c.name && again.name != b.name && a.name != b.name)
        #expect(cache.count == 2)
    }

    @Test("a forgotten statement is prepared again under a new name")
    func forgets() {
        var cache = StatementCache()
        let first = cache.use(key("a"))
        #expect(cache.forget(key("a")) == first.name)
        #expect(cache.forget(key("a")) == nil)
        let second = cache.use(key("a"))
        #expect(second.mustPrepare && second.name != first.name)
    }
}

@Suite("Back-off") struct BackoffTests {
    @Test("the pause doubles from 50 ms to 5 s, never below half of the step")
    func grows() {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        for step in [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000] {
            let pause = backoff.next(using: &generator)
            #expect(pause <= .milliseconds(step) && pause >= .milliseconds(step) / 2)
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= .milliseconds(50))
    }
}
