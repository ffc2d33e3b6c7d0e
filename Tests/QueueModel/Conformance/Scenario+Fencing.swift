extension Scenario {
    /// A lease that was reaped, and the one that another process has now.
    private static func staleAndFresh(_ ledger: any LedgerUnderTest) async throws -> (stale: Lease, fresh: Lease) {
        let stale = try await ledger.claimed(JobSpec(1), by: 1)
        try await ledger.outliveLease()
        try expect(try await ledger.reap(), is: Reaped(requeued: 1), "reaped")
        return (stale, try await ledger.claimedAgain(1, by: 2))
    }

    static let fencing: [Scenario] = [
        Scenario("a result is applied once; the repetition of an unknown outcome counts as applied, a rival's does not")
        { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            try expect(try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false), "applied")
            try expect(try await ledger.complete(lease, as: .succeeded, result: 6, repeated: true), "found applied")
            try expect(try await !ledger.complete(lease, as: .failed, result: 0, repeated: false), "not again")
            var rival = lease
            rival.owner = 2
            try expect(try await !ledger.complete(rival, as: .succeeded, result: 7, repeated: true), "not the rival's")
            let view = try await ledger.view(of: 1)
            try expect(view.state, is: .succeeded, "the job")
            try expect(view.result, is: 5, "its result")
        },
        Scenario("after a reap every write of the old lease is refused, before and after the next claim") { ledger in
            let stale = try await ledger.claimed(JobSpec(1), by: 1)
            try await ledger.outliveLease()
            _ = try await ledger.reap()
            try expect(try await !ledger.complete(stale, as: .succeeded, result: 5, repeated: false), "late, unclaimed")
            let fresh = try await ledger.claimedAgain(1, by: 2)
            try expect(fresh.epoch > stale.epoch, "the epoch has grown")
            try expect(try await ledger.beat(stale), is: .lost, "the old lease")
            try expect(try await !ledger.release(stale, .handBack), "a late hand-back is refused")
            try expect(try await !ledger.release(stale, .retry(after: 0)), "a late retry is refused")
            try expect(
                try await !ledger.complete(stale, as: .failed, result: 0, repeated: true),
                "a late failure is refused"
            )
            try expect(
                try await ledger.complete(fresh, as: .succeeded, result: 9, repeated: false),
                "the new one's result"
            )
            try expect(try await ledger.view(of: 1).result, is: 9, "the result")
        },
        Scenario("the same epoch under another owner is refused") { ledger in
            var forged = try await ledger.claimed(JobSpec(1), by: 1)
            forged.owner = 2
            try expect(try await !ledger.complete(forged, as: .succeeded, result: 5, repeated: false), "forged")
            try expect(try await ledger.beat(forged), is: .lost, "the forged lease")
        },
        Scenario(
            "progress and checkpoint of an old lease are refused; those of the present one survive a retry",
            needs: [.progress]
        ) { ledger in
            let (stale, fresh) = try await staleAndFresh(ledger)
            try expect(try await ledger.report(progress: 40, fresh), "progress")
            try expect(try await ledger.save(checkpoint: 4, fresh), "checkpoint")
            try expect(try await !ledger.report(progress: 10, stale), "late progress is refused")
            try expect(try await !ledger.save(checkpoint: 1, stale), "a late checkpoint is refused")
            try expect(try await ledger.release(fresh, .retry(after: 0)), "retry")
            _ = try await ledger.promoteDue()
            _ = try await ledger.claimedAgain(1, by: 3)
            try expect(try await ledger.view(of: 1).checkpoint, is: 4, "the checkpoint")
        },
        Scenario("the same process claims a job again: its writes under the first lease are refused") { ledger in
            let first = try await ledger.claimed(JobSpec(1), by: 1)
            try expect(try await ledger.release(first, .snooze(0)), "snoozed")
            _ = try await ledger.promoteDue()
            let second = try await ledger.claimedAgain(1, by: 1)
            try expect(try await !ledger.complete(first, as: .succeeded, result: 5, repeated: false), "under the first")
            try expect(try await !ledger.release(first, .snooze(0)), "snoozing once more under the first")
            try expect(
                try await ledger.complete(second, as: .succeeded, result: 6, repeated: false),
                "under the second"
            )
        },
    ]
}
