import Foundation
import Support
import Testing

/// Gives a whole suite one fleet with one worker, as ``Fleet/current``.
struct FleetTrait: SuiteTrait, TestScoping {
    let settings: [String: String]

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        try await Fleet.with(settings: settings) { fleet async throws in
            let worker = try fleet.startWorker()
            try await Condition.holds(within: .seconds(20)) {
                try await fleet.count("SELECT count(*) FROM worker") == 1
            }
            try await Fleet.$shared.withValue(fleet) { try await function() }
            print("--- worker ---\n\(worker.log.suffix(2000))")
            worker.signal(SIGTERM)
            try await worker.ended()
        }
    }
}

extension SuiteTrait where Self == FleetTrait {
    /// One fleet with one worker for the suite; `settings` are more environment for all processes.
    static func fleet(_ settings: [String: String] = [:]) -> Self { FleetTrait(settings: settings) }
}

extension Fleet {
    @TaskLocal fileprivate static var shared: Fleet?

    /// The suite's own; only inside a suite with a ``FleetTrait``.
    static var current: Fleet {
        get throws {
            guard let shared else { throw FleetError("this suite needs the trait .fleet()") }
            return shared
        }
    }
}
