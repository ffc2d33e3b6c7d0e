import Jobs
import Synchronization

/// What jobs of each kind took in this process: the heartbeat carries it to those who size the fleet.
final class RunStatistics: Sendable {
    private let state = Mutex<[String: RunTimes]>([:])

    func record(_ kind: JobKind, seconds: Double) {
        state.withLock { $0[kind.name, default: RunTimes()].record(seconds) }
    }

    var byKind: [String: RunTimes] { state.withLock { $0 } }
}
