import FoundationEssentials
import Jobs
import Postgres
import ThreadExecution

/// One heartbeat, on a thread of its own as in a worker.
enum Beat {
    static func once(_ leases: [Lease], owner: UUID, on configuration: PostgresConfiguration) async throws
        -> HeartbeatReply
    {
        let thread = ComputePool(name: "beat", threads: 1)
        let reply = try await thread.run {
            var session = try PostgresSession(configuration: configuration)
            return try Heartbeat.beat(leases, owner: owner, stopping: false, on: &session)
        }
        await thread.shutdown()
        return reply
    }
}
