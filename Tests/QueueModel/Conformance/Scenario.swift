/// One sentence about the queue that every ledger must make true.
package struct Scenario: Sendable, CustomStringConvertible {
    package let sentence: String
    package let needs: Set<LedgerFeature>
    package let run: @Sendable (any LedgerUnderTest) async throws -> Void

    init(
        _ sentence: String,
        needs: Set<LedgerFeature> = [],
        run: @escaping @Sendable (any LedgerUnderTest) async throws -> Void
    ) {
        self.sentence = sentence
        self.needs = needs
        self.run = run
    }

    package var description: String { sentence }

    package static let all: [Scenario] =
        accepting + ringing + floors + claiming + fencing + releasing + reaping + cancelling + deadLetters + rules
        + parents
        + auditing

    /// Those a ledger of these features must pass.
    package static func all(for features: Set<LedgerFeature>) -> [Scenario] {
        all.filter { $0.needs.isSubset(of: features) }
    }
}

/// A sentence that was not true.
package struct ScenarioFailure: Error, CustomStringConvertible {
    package let description: String
}

/// Throws what was found where something else was wanted.
func expect<Value: Equatable>(_ found: Value, is wanted: Value, _ what: String) throws {
    guard found != wanted else { return }
    throw ScenarioFailure(description: "\(what): found \(found), wanted \(wanted)")
}

func expect(_ isTrue: Bool, _ what: String) throws {
    if !isTrue { throw ScenarioFailure(description: "not so: \(what)") }
}

extension LedgerUnderTest {
    func accept(_ spec: JobSpec) async throws -> Acceptance { try await accept(spec, ring: false, repeated: false) }

    func view(of job: JobNumber) async throws -> JobView {
        guard let view = try await view(job) else {
            throw ScenarioFailure(description: "job \(job) is not in the ledger")
        }
        return view
    }

    func state(of job: JobNumber) async throws -> Standing { try await view(of: job).state }

    /// Accepts a job and claims it.
    func claimed(_ spec: JobSpec, by owner: OwnerNumber) async throws -> Lease {
        try expect(try await accept(spec), is: .accepted(spec.number), "accepting job \(spec.number)")
        return try await claimedAgain(spec.number, by: owner)
    }

    func claimedAgain(_ job: JobNumber, by owner: OwnerNumber) async throws -> Lease {
        guard let lease = try await claim(job, by: owner) else {
            throw ScenarioFailure(description: "job \(job) could not be claimed: \(try await state(of: job))")
        }
        return lease
    }

    /// Longer than a lease.
    func outliveLease() async throws { try await advance(by: Timing.production.lease + 1000) }
}
