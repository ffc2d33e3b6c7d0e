extension Scenario {
    /// A running job whose caller wants it cancelled.
    private static func wanted(_ ledger: any LedgerUnderTest) async throws -> Lease {
        let lease = try await ledger.claimed(JobSpec(1), by: 1)
        try expect(try await ledger.cancel(1), is: .requested, "cancelling a running job")
        return lease
    }

    static let cancelling: [Scenario] = [
        Scenario("a waiting job is cancelled at once and never runs", needs: [.cancel]) { ledger in
            _ = try await ledger.accept(JobSpec(1), ring: true, repeated: false)
            try expect(try await ledger.cancel(1), is: .cancelled, "cancelling")
            try expect(try await ledger.state(of: 1), is: .cancelled, "the job")
            try expect(try await ledger.claim(1, by: 1) == nil, "it cannot be claimed")
            try expect(try await ledger.cancel(1), is: .ended, "cancelling again")
            try expect(try await ledger.cancel(2), is: .unknown, "cancelling a job that is not there")
        },
        Scenario("scheduled and retrying jobs are cancelled at once", needs: [.cancel]) { ledger in
            let first = try await ledger.claimed(JobSpec(1), by: 1)
            _ = try await ledger.release(first, .retry(after: 60_000))
            let second = try await ledger.claimed(JobSpec(2), by: 1)
            _ = try await ledger.release(second, .snooze(60_000))
            for job in 1...2 {
                try expect(try await ledger.cancel(job), is: .cancelled, "cancelling job \(job)")
                try expect(try await ledger.state(of: job), is: .cancelled, "job \(job)")
            }
        },
        Scenario("a running job's worker hears of the cancel with its next heartbeat, and ends it", needs: [.cancel]) {
            ledger in
            let lease = try await wanted(ledger)
            try expect(try await ledger.state(of: 1), is: .running, "the job")
            try expect(try await ledger.beat(lease), is: .cancelRequested, "the heartbeat")
            try expect(try await ledger.complete(lease, as: .cancelled, result: 0, repeated: false), "ended")
            try expect(try await ledger.state(of: 1), is: .cancelled, "the job")
        },
        Scenario("a success after the cancel is cancelled, without a result", needs: [.cancel]) { ledger in
            let lease = try await wanted(ledger)
            try expect(try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false), "ended")
            let view = try await ledger.view(of: 1)
            try expect(view.state, is: .cancelled, "the job")
            try expect(view.result, is: 0, "its result")
        },
        Scenario("a success before the cancel stands", needs: [.cancel]) { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            _ = try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false)
            try expect(try await ledger.cancel(1), is: .ended, "cancelling")
            try expect(try await ledger.view(of: 1).result, is: 5, "the result")
        },
        Scenario(
            "a job to be cancelled that is given back in any way ends as cancelled",
            needs: [.cancel, .cancelAtRelease]
        ) { ledger in
            for (job, how) in [(1, Release.handBack), (2, .retry(after: 0)), (3, .snooze(0))] {
                let lease = try await ledger.claimed(JobSpec(job), by: 1)
                _ = try await ledger.cancel(job)
                try expect(try await ledger.release(lease, how), "\(how)")
                try expect(try await ledger.state(of: job), is: .cancelled, "the job after \(how)")
            }
        },
        Scenario("a job to be cancelled whose worker went silent ends as cancelled", needs: [.cancel]) { ledger in
            _ = try await wanted(ledger)
            try await ledger.outliveLease()
            try expect(try await ledger.reap(), is: Reaped(ended: 1), "reaped")
            try expect(try await ledger.state(of: 1), is: .cancelled, "the job")
        },
    ]
}
