extension Scenario {
    static let rules: [Scenario] = [
        Scenario("a paused lane accepts and does not start; what waited runs after the resume", needs: [.rules]) {
            ledger in
            try await ledger.pause(.lane(2))
            _ = try await ledger.accept(JobSpec(1), ring: true, repeated: false)
            try expect(try await ledger.claim(1, by: 1) == nil, "it does not start")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [], "it is not rung either")
            try expect(try await ledger.releaseHeld(), is: 0, "released while paused")
            try await ledger.resume(.lane(2))
            try expect(try await ledger.releaseHeld(), is: 1, "released")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1], "to be rung")
            try expect(try await ledger.claim(1, by: 1) != nil, "it starts")
        },
        Scenario("pausing a tenant or a kind stops only that one", needs: [.rules]) { ledger in
            try await ledger.pause(.tenant(1))
            var other = JobSpec(2)
            other.tenant = 1
            _ = try await ledger.accept(JobSpec(1))
            _ = try await ledger.accept(other)
            try expect(try await ledger.claim(2, by: 1) == nil, "the paused tenant's job does not start")
            try expect(try await ledger.claim(1, by: 1) != nil, "the other one's does")
        },
        Scenario("a draining lane accepts nothing and works off what waits", needs: [.rules]) { ledger in
            _ = try await ledger.accept(JobSpec(1))
            try await ledger.drain(.lane(2))
            try expect(try await ledger.accept(JobSpec(2)), is: .draining, "accepting")
            try expect(try await ledger.claim(1, by: 1) != nil, "what waits starts")
        },
        Scenario("a tenant's cap holds what is too much, until one of its jobs ends", needs: [.rules]) { ledger in
            try await ledger.cap(.tenant(0), at: 1)
            let first = try await ledger.claimed(JobSpec(1), by: 1)
            _ = try await ledger.accept(JobSpec(2))
            try expect(try await ledger.claim(2, by: 1) == nil, "the second does not start")
            try expect(try await ledger.releaseHeld(), is: 0, "released while the first runs")
            _ = try await ledger.complete(first, as: .succeeded, result: 5, repeated: false)
            try expect(try await ledger.releaseHeld(), is: 1, "released")
            try expect(try await ledger.claim(2, by: 1) != nil, "the second starts")
        },
    ]
}
