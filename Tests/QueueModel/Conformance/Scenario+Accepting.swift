extension Scenario {
    private static func keyed(_ number: JobNumber, payload: Int = 1, tenant: Int = 0) -> JobSpec {
        var spec = JobSpec(number)
        spec.key = 7
        spec.payload = payload
        spec.tenant = tenant
        return spec
    }

    static let accepting: [Scenario] = [
        Scenario("a key used again for the same payload gives the first job, for another payload a conflict") {
            ledger in
            try expect(try await ledger.accept(keyed(1)), is: .accepted(1), "the first")
            try expect(try await ledger.accept(keyed(2)), is: .duplicate(1), "the same again")
            try expect(try await ledger.accept(keyed(3, payload: 2)), is: .keyConflict(1), "another payload")
            try expect(try await ledger.view(2) == nil, "the second job was not made")
        },
        Scenario("a key goes on speaking for its job after the job has ended") { ledger in
            let lease = try await ledger.claimed(keyed(1), by: 1)
            try expect(try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false), "completed")
            try expect(try await ledger.accept(keyed(2)), is: .duplicate(1), "the same again")
        },
        Scenario("accepting again after an unknown outcome makes nothing twice, not even after the job has ended") {
            ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            _ = try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false)
            try expect(
                try await ledger.accept(JobSpec(1), ring: false, repeated: true),
                is: .accepted(1),
                "the answer to the repetition"
            )
            try expect(try await ledger.state(of: 1), is: .succeeded, "the job")
            try expect(try await ledger.takeUnrung(lane: 2, limit: 10).isEmpty, "nothing is to be rung")
        },
        Scenario(
            "a request that was stalled until its repetition was accepted and the job has ended makes nothing",
            needs: [.lateRequests]
        ) { ledger in
            try expect(try await ledger.accept(JobSpec(1), ring: false, repeated: true), is: .accepted(1), "repeated")
            let lease = try await ledger.claimedAgain(1, by: 1)
            _ = try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false)
            try expect(try await ledger.accept(JobSpec(1)), is: .accepted(1), "the first request, late")
            try expect(try await ledger.state(of: 1), is: .succeeded, "the job")
            try expect(try await ledger.claim(1, by: 2) == nil, "it does not run again")
        },
        Scenario("a job for later cannot be claimed before its time") { ledger in
            var spec = JobSpec(1)
            spec.runAt = try await ledger.now() + 60_000
            _ = try await ledger.accept(spec)
            try expect(try await ledger.state(of: 1), is: .scheduled, "the job")
            try expect(try await ledger.claim(1, by: 1) == nil, "it cannot be claimed")
            try expect(try await ledger.promoteDue(), is: 0, "due jobs")
            try await ledger.advance(by: 61_000)
            try expect(try await ledger.promoteDue(), is: 1, "due jobs a minute later")
            try expect(try await ledger.claim(1, by: 1) != nil, "it can be claimed")
        },
        Scenario("a deadline in the past is refused", needs: [.deadlinesAtAccept]) { ledger in
            var spec = JobSpec(1)
            spec.deadline = try await ledger.now() - 1000
            try expect(try await ledger.accept(spec), is: .deadlinePassed, "accepting it")
            try expect(try await ledger.view(1) == nil, "it was not made")
        },
        Scenario("a job whose deadline passes while it waits is not claimed, and ends as failed", needs: [.deadlines]) {
            ledger in
            var spec = JobSpec(1)
            spec.deadline = try await ledger.now() + 500_000
            _ = try await ledger.accept(spec)
            try await ledger.advance(by: 600_000)
            try expect(try await ledger.claim(1, by: 1) == nil, "it cannot be claimed")
            try expect(try await ledger.endOverdue(), is: 1, "overdue jobs")
            try expect(try await ledger.state(of: 1), is: .failed, "the job")
        },
        Scenario("a success after the deadline is a failure without a result", needs: [.deadlines]) { ledger in
            var spec = JobSpec(1)
            spec.deadline = try await ledger.now() + 500_000
            let lease = try await ledger.claimed(spec, by: 1)
            try await ledger.advance(by: 600_000)
            try expect(try await ledger.complete(lease, as: .succeeded, result: 5, repeated: false), "it is applied")
            let view = try await ledger.view(of: 1)
            try expect(view.state, is: .failed, "the job")
            try expect(view.result, is: 0, "its result")
        },
    ]
}
