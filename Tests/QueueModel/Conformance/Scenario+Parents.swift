extension Scenario {
    /// A parent of job number 1 with the children 2 and 3.
    private static func family(
        _ ledger: any LedgerUnderTest,
        policy: FailPolicy,
        completionJob: JobNumber = -1
    ) async throws -> Lease {
        let lease = try await ledger.claimed(JobSpec(1), by: 1)
        try expect(
            try await ledger.fanOut(
                lease,
                children: [JobSpec(2), JobSpec(3)],
                policy: policy,
                completionJob: completionJob
            ),
            "fanned out"
        )
        try expect(try await ledger.state(of: 1), is: .scheduled, "the parent")
        return lease
    }

    private static func end(_ job: JobNumber, as state: Standing, _ ledger: any LedgerUnderTest) async throws -> Lease {
        let lease = try await ledger.claimedAgain(job, by: 1)
        try expect(try await ledger.complete(lease, as: state, result: job, repeated: false), "ending job \(job)")
        return lease
    }

    static let parents: [Scenario] = [
        Scenario(
            "a parent waits for all its children and then runs again; its completion job follows its success",
            needs: [.parents]
        ) { ledger in
            let old = try await family(ledger, policy: .finishAll, completionJob: 4)
            try expect(try await ledger.promoteDue(), is: 0, "due jobs")
            _ = try await end(2, as: .succeeded, ledger)
            try expect(try await ledger.state(of: 1), is: .scheduled, "the parent after one child")
            _ = try await end(3, as: .failed, ledger)
            try expect(try await ledger.state(of: 1), is: .queued, "the parent after both")
            try expect(
                try await !ledger.complete(old, as: .succeeded, result: 1, repeated: false),
                "under its old lease"
            )
            try expect(try await ledger.view(4) == nil, "the completion job is not there yet")
            _ = try await end(1, as: .succeeded, ledger)
            try expect(try await ledger.state(of: 4), is: .queued, "the completion job")
        },
        Scenario("with fail-fast the first failure wakes the parent", needs: [.parents]) { ledger in
            _ = try await family(ledger, policy: .failFast)
            _ = try await end(3, as: .failed, ledger)
            try expect(try await ledger.state(of: 1), is: .queued, "the parent")
        },
        Scenario("a child's end that is reported twice counts once", needs: [.parents]) { ledger in
            _ = try await family(ledger, policy: .finishAll)
            let lease = try await end(2, as: .succeeded, ledger)
            try expect(try await ledger.complete(lease, as: .succeeded, result: 2, repeated: true), "found applied")
            try expect(try await ledger.state(of: 1), is: .scheduled, "the parent")
        },
        Scenario("a child that is redriven is waited for again", needs: [.parents, .deadLetters]) { ledger in
            _ = try await family(ledger, policy: .finishAll)
            _ = try await end(2, as: .dead, ledger)
            try expect(try await ledger.redrive(2), "redriven")
            _ = try await end(3, as: .succeeded, ledger)
            try expect(try await ledger.state(of: 1), is: .scheduled, "the parent while the first child runs again")
            _ = try await end(2, as: .succeeded, ledger)
            try expect(try await ledger.state(of: 1), is: .queued, "the parent after both")
        },
        Scenario("a fan-out under a lost lease makes no children", needs: [.parents]) { ledger in
            let stale = try await ledger.claimed(JobSpec(1), by: 1)
            try await ledger.outliveLease()
            _ = try await ledger.reap()
            try expect(
                try await !ledger.fanOut(stale, children: [JobSpec(2)], policy: .finishAll, completionJob: -1),
                "refused"
            )
            try expect(try await ledger.view(2) == nil, "no child was made")
        },
        Scenario("a parent that is to be cancelled makes no children", needs: [.parents, .cancel, .cancelAtRelease]) {
            ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            _ = try await ledger.cancel(1)
            _ = try await ledger.fanOut(lease, children: [JobSpec(2)], policy: .finishAll, completionJob: -1)
            try expect(try await ledger.view(2) == nil, "no child was made")
            try expect(try await ledger.state(of: 1), is: .cancelled, "the parent")
        },
        Scenario("cancelling a parent cancels its children", needs: [.parents, .cancel]) { ledger in
            _ = try await family(ledger, policy: .finishAll)
            let running = try await ledger.claimedAgain(3, by: 2)
            try expect(try await ledger.cancel(1), is: .cancelled, "cancelling the parked parent")
            try expect(try await ledger.state(of: 2), is: .cancelled, "the waiting child")
            try expect(try await ledger.beat(running), is: .cancelRequested, "the running child's heartbeat")
            _ = try await ledger.complete(running, as: .cancelled, result: 0, repeated: false)
            try expect(try await ledger.state(of: 3), is: .cancelled, "the running child")
        },
    ]
}
