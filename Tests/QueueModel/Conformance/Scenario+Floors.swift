extension Scenario {
    /// Long after job 1 of one tenant was claimed: the lane's time, and the floor of its scans, have gone on with the jobs
    /// 2 to 9 of another, of which the last two wait.
    private static func later(_ ledger: any LedgerUnderTest) async throws -> Lease {
        let lease = try await ledger.claimed(JobSpec(1), by: 1)
        for number in 2...9 {
            var spec = JobSpec(number)
            spec.tenant = 1
            _ = try await ledger.accept(spec)
        }
        for number in 2...7 {
            let other = try await ledger.claimedAgain(number, by: 2)
            try expect(
                try await ledger.complete(other, as: .succeeded, result: 0, repeated: false),
                "job \(number) ends"
            )
        }
        try await moveOn(ledger)
        return lease
    }

    /// The floors follow the clocks at a distance.
    private static func moveOn(_ ledger: any LedgerUnderTest) async throws {
        for _ in 0..<4 {
            try await ledger.advanceClocks()
            try await ledger.advance(by: Timing.production.floorLag + 100)
        }
    }

    static let floors: [Scenario] = [
        Scenario("what is handed back stands where scans begin, and before what waits, however late") { ledger in
            let lease = try await later(ledger)
            try expect(try await ledger.release(lease, .handBack), "handed back")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 1), is: [1], "the first to be rung")
            try expect(try await ledger.liftStragglers(), is: 0, "stragglers")
            try await moveOn(ledger)
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [8, 9], "the rest")
            try expect(try await ledger.claimDirectly(lane: 2, by: 3)?.job, is: 1, "claimed directly")
        },
        Scenario("what a dead worker had stands where scans begin, and before what waits") { ledger in
            _ = try await later(ledger)
            try await ledger.outliveLease()
            try await moveOn(ledger)
            try expect(try await ledger.reap().requeued, is: 1, "taken back")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 1), is: [1], "the first to be rung")
            try await ledger.advance(by: 31_000)
            try await moveOn(ledger)
            try expect(try await ledger.unmarkStale(lane: 2, olderThan: 30_000), is: 1, "its ring, when it is lost")
        },
        Scenario("a retry that comes due stands where scans begin") { ledger in
            let lease = try await later(ledger)
            try expect(try await ledger.release(lease, .retry(after: 1000)), "released")
            try await ledger.advance(by: 2000)
            try await moveOn(ledger)
            try expect(try await ledger.promoteDue(), is: 1, "due jobs")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9).contains(1), "it is rung")
        },
        Scenario("what a rule held back stands where scans begin when it is let go", needs: [.rules]) { ledger in
            _ = try await ledger.accept(JobSpec(1))
            try await ledger.pause(.tenant(0))
            try expect(try await ledger.claim(1, by: 1) == nil, "it is held")
            for number in 2...5 {
                var spec = JobSpec(number)
                spec.tenant = 1
                let lease = try await ledger.claimed(spec, by: 2)
                _ = try await ledger.complete(lease, as: .succeeded, result: 0, repeated: false)
            }
            try await moveOn(ledger)
            try await ledger.resume(.tenant(0))
            try expect(try await ledger.releaseHeld(), is: 1, "let go")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1], "to be rung")
        },
        Scenario("a parent whose last child ends stands where scans begin", needs: [.parents]) { ledger in
            let parent = try await ledger.claimed(JobSpec(1), by: 1)
            var child = JobSpec(20)
            child.tenant = 2
            try expect(
                try await ledger.fanOut(parent, children: [child], policy: .finishAll, completionJob: -1),
                "parked"
            )
            let lease = try await ledger.claimedAgain(20, by: 2)
            for number in 2...5 {
                var spec = JobSpec(number)
                spec.tenant = 1
                let other = try await ledger.claimed(spec, by: 2)
                _ = try await ledger.complete(other, as: .succeeded, result: 0, repeated: false)
            }
            try await moveOn(ledger)
            _ = try await ledger.complete(lease, as: .succeeded, result: 0, repeated: false)
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1], "to be rung")
        },
        Scenario("a redriven job stands where scans begin", needs: [.deadLetters]) { ledger in
            let lease = try await later(ledger)
            try expect(try await ledger.complete(lease, as: .dead, result: 0, repeated: false), "dead")
            try await moveOn(ledger)
            try expect(try await ledger.redrive(1), "redriven")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9).contains(1), "it is rung")
        },
        Scenario("what a slow transaction left below is not seen until it is lifted, and is rung then") { ledger in
            _ = try await later(ledger)
            var spec = JobSpec(10)
            spec.tenant = 1
            _ = try await ledger.accept(spec, ring: true, repeated: false)
            try await ledger.leaveBehind(10)
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [8, 9], "what scans see")
            try expect(try await ledger.liftStragglers(), is: 1, "stragglers")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [10], "to be rung")
            try expect(try await ledger.liftStragglers(), is: 0, "stragglers after that")
        },
        Scenario("the floor does not pass over what waits, however long") { ledger in
            for number in 1...3 { _ = try await ledger.accept(JobSpec(number)) }
            var spec = JobSpec(4)
            spec.tenant = 1
            spec.cost = 50
            let lease = try await ledger.claimed(spec, by: 1)
            _ = try await ledger.complete(lease, as: .succeeded, result: 0, repeated: false)
            try await moveOn(ledger)
            try await moveOn(ledger)
            try expect(try await ledger.liftStragglers(), is: 0, "stragglers")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1, 2, 3], "to be rung")
        },
    ]
}
