extension Scenario {
    private static func job(_ number: JobNumber, tenant: Int, cluster: Int = 0) -> JobSpec {
        var spec = JobSpec(number)
        spec.tenant = tenant
        spec.cluster = cluster
        return spec
    }

    static let ringing: [Scenario] = [
        Scenario("unrung jobs are given out once, in the order of one tenant's acceptance") { ledger in
            for number in 1...4 { _ = try await ledger.accept(JobSpec(number)) }
            try expect(try await ledger.takeUnrung(lane: 2, limit: 3), is: [1, 2, 3], "the first three")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 3), is: [4], "the rest")
            try expect(try await ledger.takeUnrung(lane: 1, limit: 3), is: [], "another lane")
        },
        Scenario("a light tenant is not queued behind a heavy one's flood") { ledger in
            for number in 1...9 { _ = try await ledger.accept(job(number, tenant: 0)) }
            _ = try await ledger.accept(job(10, tenant: 1))
            try expect(
                try await ledger.takeUnrung(lane: 2, limit: 2).contains(10),
                "the light one is among the first two"
            )
        },
        Scenario("what was rung too long ago is rung again") { ledger in
            _ = try await ledger.accept(JobSpec(1))
            _ = try await ledger.takeUnrung(lane: 2, limit: 1)
            try expect(try await ledger.unmarkStale(lane: 2, olderThan: 30_000), is: 0, "at once")
            try await ledger.advance(by: 31_000)
            try expect(try await ledger.unmarkStale(lane: 2, olderThan: 30_000), is: 1, "after half a minute")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 1), is: [1], "to be rung")
        },
        Scenario("after Redis lost its data all unclaimed jobs are rung again, in order, and running ones are not") {
            ledger in
            for number in 1...4 { _ = try await ledger.accept(JobSpec(number)) }
            _ = try await ledger.takeUnrung(lane: 2, limit: 3)
            _ = try await ledger.claimedAgain(2, by: 1)
            try expect(try await ledger.loseRings(), is: 2, "lost rings")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1, 3, 4], "to be rung")
        },
        Scenario("a job rung by the one who accepted it is not rung by the keeper") { ledger in
            _ = try await ledger.accept(JobSpec(1), ring: true, repeated: false)
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [], "to be rung")
            try expect(try await ledger.claim(1, by: 1) != nil, "it can be claimed")
        },
    ]
}
