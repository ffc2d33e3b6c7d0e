import FoundationEssentials
package import Postgres

/// The jobs in PostgreSQL: the only truth about them.
///
/// Every state change is one compare-and-set statement.
///
/// Rules that hold in every statement here:
/// - A transition names the state, the epoch and the owner it starts from. What matches nothing changes nothing.
/// - Statements over several rows lock them in the order of their ids first, so that batches cannot deadlock.
/// - Time is the server's `now()`; no process's clock is ever compared with another's.
///
/// And rules that keep the plans good, since a plan made while `job_live` is empty lives on when it holds millions:
/// - Rows are found by `id = ANY (array)`, never by a join, which the planner would turn around for an empty table.
/// - Where rows are found by id their state is compared as text: else the planner takes a partial index of that state
///   and reads all of it. Joins remain between common table expressions only, where it hashes.
/// - Sessions are made with ``sessionOptions``.
package struct JobLedger: Sendable {
    /// How long a claim holds without a heartbeat.
    ///
    /// Nine missed beats; short enough that a dead worker's jobs run again within fifteen seconds.
    package static let leaseLength: Duration = .seconds(9)
    /// Deaths of the worker's process after which a job runs alone in a process of its own: it is a likely cause.
    package static let crashesToIsolate = 2
    /// Deaths after which a job is no longer tried.
    ///
    /// Alone in its process it cannot take the worker down any more, so what
    /// still dies with it is the machine.
    package static let maxCrashes = 5

    /// For the sessions of processes that work on the ledger.
    ///
    /// `job_live` swings between empty and millions of rows within seconds; a sequential scan that was chosen while it was
    /// empty makes a claim take seconds once it is not. A process that freezes within a transaction loses it before its
    /// leases end, so that its row locks keep nobody from taking the jobs over.
    package static let sessionOptions = "-c enable_seqscan=off -c jit=off -c idle_in_transaction_session_timeout=8000"

    let pool: PostgresPool

    package init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Runs a statement again when the server gave it up in favour of another (deadlock, serialization).
    ///
    /// Only for statements that lost as a whole: nothing of them was applied.
    func query(
        _ sql: String,
        _ parameters: [PostgresValue],
        deadline: Duration? = nil
    ) async throws -> PostgresRows {
        var attempt = 1
        while true {
            do {
                return try await pool.query(sql, parameters, deadline: deadline)
            } catch {
                guard error.isConflict, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }
}

extension PostgresError {
    /// Deadlock victim or serialization failure: the statement was rolled back and may simply run again.
    var isConflict: Bool { sqlState == "40P01" || sqlState == "40001" }
}

extension Duration {
    /// For `make_interval(secs => …)`.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
