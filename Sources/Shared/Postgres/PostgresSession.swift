import CLibpq

/// A synchronous connection for one thread that may block: heartbeats, migrations, operators' commands.
///
/// It does not reconnect: when ``isAlive`` is false, make a new one. Never use it on the cooperative pool.
package struct PostgresSession: ~Copyable {
    private let configuration: PostgresConfiguration
    private let link: PostgresLink
    private var statements = StatementCache()
    /// A statement was given up half-way; the connection cannot be used again.
    private var abandoned = false

    /// Connects within the configuration's connect timeout.
    package init(configuration: PostgresConfiguration) throws(PostgresError) {
        self.configuration = configuration
        let deadline = ContinuousClock.now + configuration.connectTimeout
        self.link = try PostgresLink.connect(configuration, wake: nil) { () throws(PostgresError) in
            guard deadline > .now else {
                throw PostgresError(
                    .connectionFailed,
                    "no answer from \(configuration.host):\(configuration.port) within \(configuration.connectTimeout)"
                )
            }
            return deadline
        }
    }

    /// Whether the connection can be used; notices a server that went away meanwhile.
    package var isAlive: Bool { !abandoned && link.looksAlive() }

    /// Runs one statement and waits for its answer, by default for the statement timeout plus two seconds.
    ///
    /// - Throws: ``PostgresError``; after ``PostgresError/Code/timeout`` the session is no longer alive.
    @discardableResult
    package mutating func query(
        _ sql: String,
        _ parameters: [PostgresValue] = [],
        deadline: Duration? = nil
    ) throws(PostgresError) -> PostgresRows {
        try PostgresLink.validate(sql)
        let encoded = try PostgresParameters(parameters)
        let end = ContinuousClock.now + (deadline ?? configuration.defaultDeadline)
        do {
            return try attempt(sql, encoded, end)
        } catch {
            guard error.invalidatesStatement, link.transactionStatus == PQTRANS_IDLE else { throw error }
            return try attempt(sql, encoded, end)
        }
    }

    /// Runs a script of many statements, without parameters.
    ///
    /// - Throws: The error of the first statement that fails; the rest is not run.
    package mutating func execute(script: String, deadline: Duration? = nil) throws(PostgresError) {
        try PostgresLink.validate(script)
        let end = ContinuousClock.now + (deadline ?? configuration.defaultDeadline)
        try ensureUsable()
        try link.sendScript(script)
        _ = try collect(until: end)
    }

    private mutating func attempt(
        _ sql: String,
        _ parameters: PostgresParameters,
        _ end: ContinuousClock.Instant
    ) throws(PostgresError) -> PostgresRows {
        try ensureUsable()
        let key = StatementCache.Key(sql: sql, types: parameters.types)
        let use = statements.use(key)
        if use.mustPrepare {
            do {
                try link.sendPrepare(use.name, sql, types: parameters.types)
                _ = try collect(until: end)
            } catch {
                statements.forget(key)
                throw error
            }
        }
        let results: [PostgresRows]
        do {
            try link.sendExecute(use.name, parameters)
            results = try collect(until: end)
        } catch {
            if error.invalidatesStatement { statements.forget(key) }
            throw error
        }
        if let evicted = use.evicted { deallocate(evicted, end) }
        guard let rows = results.last else { throw PostgresError(.server, "the server sent no result") }
        return rows
    }

    /// Inside a failed transaction this is refused; the statement then stays on the server until the session ends.
    private mutating func deallocate(_ name: String, _ end: ContinuousClock.Instant) {
        guard link.transactionStatus != PQTRANS_INERROR else { return }
        guard (try? link.sendScript("DEALLOCATE \(name)")) != nil else { return }
        _ = try? collect(until: end)
    }

    private mutating func collect(until end: ContinuousClock.Instant) throws(PostgresError) -> [PostgresRows] {
        let results: [PostgresRows]
        do {
            results = try link.results { () throws(PostgresError) in
                guard end > .now else {
                    throw PostgresError(.timeout, "the deadline passed; the statement may or may not have run")
                }
                return end
            }
        } catch {
            abandoned = true
            throw error
        }
        for rows in results {
            if let error = rows.serverError() { throw error.ownTimeout() }
            guard ![PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(rows.status) else {
                abandoned = true
                throw PostgresError(.server, "COPY needs copyIn(into:columns:)")
            }
        }
        return results
    }

    private func ensureUsable() throws(PostgresError) {
        guard !abandoned, PQstatus(link.handle) == CONNECTION_OK else {
            throw PostgresError(.connectionLost, "the session has ended; nothing was run; make a new one")
        }
    }

    /// Where the session stands between BEGIN and COMMIT.
    var isInTransaction: Bool { link.transactionStatus == PQTRANS_INTRANS }
    var isIdle: Bool { link.transactionStatus == PQTRANS_IDLE }
}

extension PostgresError {
    /// A statement that was cancelled though nobody here asked for it ran into the server's statement timeout.
    func ownTimeout() -> PostgresError {
        guard code == .cancelled, sqlState == "57014" else { return self }
        return PostgresError(.timeout, message, sqlState: sqlState)
    }
}
