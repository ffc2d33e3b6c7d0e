extension Scenario {
    static let claiming: [Scenario] = [
        Scenario("a job is claimed once, however often it was rung; epoch and attempt count up") { ledger in
            _ = try await ledger.accept(JobSpec(1))
            let before = try await ledger.view(of: 1)
            let lease = try await ledger.claimedAgain(1, by: 1)
            let after = try await ledger.view(of: 1)
            try expect(after.state, is: .running, "the job")
            try expect(after.epoch, is: before.epoch + 1, "its epoch")
            try expect(lease.epoch, is: after.epoch, "the lease's epoch")
            try expect(after.attempt, is: 1, "its attempt")
            try expect(try await ledger.claim(1, by: 2) == nil, "a second claim finds nothing")
            try expect(try await ledger.claim(1, by: 1) == nil, "nor one of the same process")
        },
        Scenario("a direct claim takes jobs in fair order, rung or not, and none twice") { ledger in
            for number in 1...3 { _ = try await ledger.accept(JobSpec(number)) }
            _ = try await ledger.takeUnrung(lane: 2, limit: 1)
            for number in 1...3 {
                try expect(try await ledger.claimDirectly(lane: 2, by: 1)?.job, is: number, "claim \(number)")
            }
            try expect(try await ledger.claimDirectly(lane: 2, by: 1) == nil, "nothing is left")
        },
        Scenario("a heartbeat keeps a lease beyond its length") { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            for _ in 1...4 {
                try await ledger.advance(by: 6000)
                try expect(try await ledger.beat(lease), is: .held, "the lease")
                try expect(try await ledger.reap(), is: Reaped(), "reaped")
            }
        },
        Scenario("an expired lease that nobody has taken back is renewed") { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            try await ledger.outliveLease()
            try expect(try await ledger.beat(lease), is: .held, "the lease")
            try expect(try await ledger.reap(), is: Reaped(), "reaped")
        },
    ]
}
