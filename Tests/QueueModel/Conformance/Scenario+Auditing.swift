extension Scenario {
    static let auditing: [Scenario] = [
        Scenario("what was accepted is live or ended, whatever happened to it", needs: [.audit, .cancel, .deadLetters])
        { ledger in
            func check(live: Int, terminal: Int, _ when: String) async throws {
                let wanted = Audit(accepted: live + terminal, live: live, terminal: terminal)
                try expect(try await ledger.audit(tenant: 0), is: wanted, when)
            }
            for number in 1...4 { _ = try await ledger.accept(JobSpec(number)) }
            _ = try await ledger.accept(JobSpec(4), ring: false, repeated: true)
            try await check(live: 4, terminal: 0, "after accepting")
            let first = try await ledger.claimedAgain(1, by: 1)
            let second = try await ledger.claimedAgain(2, by: 1)
            _ = try await ledger.complete(first, as: .succeeded, result: 5, repeated: false)
            _ = try await ledger.complete(second, as: .dead, result: 0, repeated: false)
            _ = try await ledger.cancel(3)
            try await check(live: 1, terminal: 3, "after three ends")
            _ = try await ledger.redrive(2)
            try await check(live: 2, terminal: 2, "after a redrive")
        }
    ]
}
