import Jobs
import Observability

/// What drills have in common.
enum Drill {
    /// Refuses a drill that could only fail.
    static func requireWorkers(_ ledger: JobLedger) async throws {
        let ready = try await ledger.workers().contains {
            $0.isAlive && $0.orders == .none && $0.lanes.contains(.batch)
        }
        guard ready else {
            throw ControlError("no worker that serves the lane batch is alive; start one and try again")
        }
    }

    /// The worker that this process has become.
    static func registered(_ process: LocalProcess, _ ledger: JobLedger) async throws -> WorkerRecord {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let found = try await ledger.workers().first {
                $0.isAlive && $0.processID == process.pid && $0.host == HostInfo.name
            }
            if let found { return found }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw ControlError("the drill's worker did not start; 'cloudoptim doctor' says what it may miss")
    }
}
