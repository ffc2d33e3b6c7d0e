extension Scenario {
    static let releasing: [Scenario] = [
        Scenario("a retry is charged, waits, and runs again under a higher epoch") { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            try expect(try await ledger.release(lease, .retry(after: 10_000)), "released")
            try expect(try await ledger.state(of: 1), is: .retrying, "the job")
            try expect(try await ledger.claim(1, by: 2) == nil, "it cannot be claimed yet")
            try expect(try await ledger.promoteDue(), is: 0, "due jobs")
            try await ledger.advance(by: 11_000)
            try expect(try await ledger.promoteDue(), is: 1, "due jobs after the pause")
            let again = try await ledger.claimedAgain(1, by: 2)
            try expect(again.epoch >= lease.epoch + 2, "the epoch has grown by release and claim")
            try expect(try await ledger.view(of: 1).attempt, is: 2, "its attempt")
        },
        Scenario("snoozing and handing back cost no attempt, and raise the epoch") { ledger in
            let first = try await ledger.claimed(JobSpec(1), by: 1)
            try expect(try await ledger.release(first, .snooze(0)), "snoozed")
            try expect(try await ledger.state(of: 1), is: .scheduled, "the job")
            _ = try await ledger.promoteDue()
            let second = try await ledger.claimedAgain(1, by: 1)
            try expect(try await ledger.release(second, .handBack), "handed back")
            try expect(try await ledger.state(of: 1), is: .queued, "the job")
            let third = try await ledger.claimedAgain(1, by: 2)
            try expect(try await ledger.view(of: 1).attempt, is: 1, "its attempt")
            try expect(second.epoch >= first.epoch + 2 && third.epoch >= second.epoch + 2, "epochs grow")
        },
        Scenario("a rate-limited job waits for the moment it was told, at no cost") { ledger in
            let lease = try await ledger.claimed(JobSpec(1), by: 1)
            let until = try await ledger.now() + 20_000
            try expect(try await ledger.release(lease, .rateLimited(until: until)), "released")
            try expect(try await ledger.promoteDue(), is: 0, "due jobs")
            try await ledger.advance(by: 21_000)
            try expect(try await ledger.promoteDue(), is: 1, "due jobs after the moment")
            _ = try await ledger.claimedAgain(1, by: 2)
            try expect(try await ledger.view(of: 1).attempt, is: 1, "its attempt")
        },
        Scenario("a handed back job is to be rung at once") { ledger in
            _ = try await ledger.accept(JobSpec(1), ring: true, repeated: false)
            let lease = try await ledger.claimedAgain(1, by: 1)
            _ = try await ledger.release(lease, .handBack)
            try expect(try await ledger.takeUnrung(lane: 2, limit: 9), is: [1], "to be rung")
        },
    ]
}
