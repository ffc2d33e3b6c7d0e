extension Scenario {
    private static func dead(_ ledger: any LedgerUnderTest) async throws -> Lease {
        let lease = try await ledger.claimed(JobSpec(1), by: 1)
        try expect(try await ledger.complete(lease, as: .dead, result: 0, repeated: false), "ended")
        return lease
    }

    static let deadLetters: [Scenario] = [
        Scenario(
            "a dead job runs again after a redrive, under a higher epoch, from its first attempt",
            needs: [.deadLetters]
        ) { ledger in
            let lease = try await dead(ledger)
            try expect(try await ledger.redrive(1), "redriven")
            let view = try await ledger.view(of: 1)
            try expect(view.state, is: .queued, "the job")
            try expect(view.epoch > lease.epoch, "its epoch has grown")
            try expect(view.attempt, is: 0, "its attempt")
            try expect(view.crashCount, is: 0, "its deaths")
            try expect(try await !ledger.complete(lease, as: .succeeded, result: 5, repeated: true), "the old lease")
            let again = try await ledger.claimedAgain(1, by: 2)
            try expect(try await ledger.complete(again, as: .succeeded, result: 6, repeated: false), "the new one")
            try expect(try await !ledger.redrive(1), "what has succeeded is not redriven")
        },
        Scenario("a redriven job has as much time as it had at first", needs: [.deadLetters, .deadlines]) { ledger in
            var spec = JobSpec(1)
            spec.deadline = try await ledger.now() + 60_000
            let lease = try await ledger.claimed(spec, by: 1)
            try expect(try await ledger.complete(lease, as: .dead, result: 0, repeated: false), "ended")
            try await ledger.advance(by: 120_000)
            try expect(try await ledger.redrive(1), "redriven")
            try await ledger.advance(by: 40_000)
            try expect(try await ledger.endOverdue(), is: 0, "overdue after 40 of 60 seconds")
            let again = try await ledger.claimedAgain(1, by: 2)
            _ = try await ledger.release(again, .handBack)
            try await ledger.advance(by: 30_000)
            try expect(try await ledger.claim(1, by: 2) == nil, "it cannot be claimed after 70")
            try expect(try await ledger.endOverdue(), is: 1, "overdue after 70")
        },
        Scenario("a discarded job stays dead", needs: [.deadLetters]) { ledger in
            _ = try await dead(ledger)
            try expect(try await ledger.discard(1), "discarded")
            try expect(try await !ledger.redrive(1), "it cannot be redriven")
            try expect(try await ledger.state(of: 1), is: .dead, "the job")
        },
    ]
}
