extension Scenario {
    static let reaping: [Scenario] = [
        Scenario("a silent worker's job is ready again, to be rung, under a higher epoch") { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            try expect(try await ledger.reap(), is: Reaped(), "reaped while the lease holds")
            try await ledger.outliveLease()
            try expect(try await ledger.reap(), is: Reaped(requeued: 1), "reaped")
            let view = try await ledger.view(of: 1)
            try expect(view.state, is: .queued, "the job")
            try expect(view.epoch, is: lease.epoch + 1, "its epoch")
            try expect(view.crashCount, is: 1, "deaths")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1], "to be rung")
        },
        Scenario("a lost lease of a process that still beats is no death") { ledger in
            let lost = try await ledger.claimed(JobSpec(1), by: 1)
            let kept = try await ledger.claimed(JobSpec(2), by: 1)
            try await ledger.outliveLease()
            try expect(try await ledger.beat(kept), is: .held, "the other lease")
            try expect(try await ledger.reap(), is: Reaped(requeued: 1), "reaped")
            try expect(try await ledger.view(of: lost.job).crashCount, is: 0, "deaths")
        },
        Scenario("a dead worker costs the job no attempt") { ledger in
            _ = try await ledger.claimed(JobSpec(1), by: 1)
            try await ledger.outliveLease()
            _ = try await ledger.reap()
            _ = try await ledger.claimedAgain(1, by: 2)
            try expect(try await ledger.view(of: 1).attempt, is: 1, "its attempt")
        },
        Scenario("a job that five processes died of is dead; its neighbours run again") {
            ledger in
            _ = try await ledger.accept(JobSpec(1))
            for death in 1...MemoryLedger.maxCrashes {
                _ = try await ledger.claimedAgain(1, by: death)
                try await ledger.outliveLease()
                let wanted = death < MemoryLedger.maxCrashes ? Reaped(requeued: 1) : Reaped(ended: 1)
                try expect(try await ledger.reap(), is: wanted, "reaped after death \(death)")
            }
            try expect(try await ledger.state(of: 1), is: .dead, "the job")
        },
    ]
}
