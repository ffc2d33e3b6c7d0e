import CLibpq

/// One pipeline: statements sent together, answered in order, each ended by its own sync.
///
/// A caller who gives up is answered at once; when the statement's turn comes, the server is asked to cancel it. If
/// it does not react within the grace period, the run gives the connection up.
final class PipelineRun {
    typealias Instant = ContinuousClock.Instant

    private struct Flight {
        let request: PostgresRequest
        let key: StatementCache.Key?
        /// The answer to the preparation comes before that of the statement.
        var awaitsPrepare = false
        var rows: PostgresRows?
        var error: PostgresError?
    }

    private let link: PostgresLink
    private let mailbox: PostgresMailbox
    private let generation: UInt64
    private var flights: [Flight] = []
    private var head = 0
    private var emptyAnswers = 0
    /// The earliest deadline of those under way; may be too early, never too late.
    private var earliest: Instant?
    private var cancel: CancelRequest?
    /// Whether any cancel request was sent during this run: it may have hit a neighbour.
    private var cancelledSomething = false
    /// When the statement at the head must have reacted to being cancelled.
    private var headGraceEnd: Instant?
    private var headCancelSent = false
    /// Statements that did not run and may be sent again.
    private(set) var retries: [PostgresRequest] = []

    init(link: PostgresLink, mailbox: PostgresMailbox, generation: UInt64) {
        self.link = link
        self.mailbox = mailbox
        self.generation = generation
    }

    /// Sends a batch and answers every request in it, but for ``retries``.
    ///
    /// - Throws: When the connection is lost or must be given up; every request has been answered then, too.
    func run(_ batch: [PostgresRequest], _ statements: inout StatementCache) throws(PostgresError) {
        do {
            try send(batch, &statements)
            try receive(&statements)
            try awaitCancel()
        } catch {
            if error.code == .connectionLost { salvage(&statements) }
            // What the server said last concerns the statement it was at.
            if head < flights.count, let last = flights[head].error { flights[head].request.fail(last.ownTimeout()) }
            for request in batch + retries { request.fail(error) }
            retries = []
            throw error
        }
    }

    // MARK: Sending

    private func send(_ batch: [PostgresRequest], _ statements: inout StatementCache) throws(PostgresError) {
        let now = ContinuousClock.now
        for request in batch where !request.isDone {
            guard request.deadline > now else {
                request.fail(PostgresRequest.deadlinePassedUnsent)
                continue
            }
            var flight = Flight(request: request, key: nil)
            switch request.work {
            case .copy: preconditionFailure("a COPY is never part of a pipeline")
            case .deallocate(let name): try link.sendUnprepared("DEALLOCATE \(name)")
            case .statement(let sql, let parameters):
                if request.isRetry {
                    // The unnamed statement depends on nobody: neither on the cache nor on a neighbour's preparation.
                    flight.awaitsPrepare = true
                    try link.sendPrepare("", sql, types: parameters.types)
                    try link.sendExecute("", parameters)
                    break
                }
                let key = StatementCache.Key(sql: sql, types: parameters.types)
                let use = statements.use(key)
                if let evicted = use.evicted { try sendDeallocate(evicted) }
                flight = Flight(request: request, key: key, awaitsPrepare: use.mustPrepare)
                if use.mustPrepare { try link.sendPrepare(use.name, sql, types: parameters.types) }
                try link.sendExecute(use.name, parameters)
            }
            try link.sendSync()
            flights.append(flight)
            earliest = min(earliest ?? request.deadline, request.deadline)
        }
    }

    private func sendDeallocate(_ name: String) throws(PostgresError) {
        try link.sendUnprepared("DEALLOCATE \(name)")
        try link.sendSync()
        let deadline = ContinuousClock.now + .seconds(30)
        flights.append(Flight(request: PostgresRequest(.deallocate(name: name), deadline: deadline), key: nil))
    }

    // MARK: Receiving

    private func receive(_ statements: inout StatementCache) throws(PostgresError) {
        while head < flights.count {
            if link.isBusy {
                try link.exchange { () throws(PostgresError) in try attend() }
            } else {
                try take(&statements)
            }
        }
    }

    /// Takes one result; the end of a statement's results, which libpq reports as nothing, needs no action.
    private func take(_ statements: inout StatementCache) throws(PostgresError) {
        guard let rows = link.nextResult() else {
            emptyAnswers += 1
            // One ends a statement; more in a row mean that libpq expects no answers, though callers do.
            guard PQstatus(link.handle) == CONNECTION_OK, emptyAnswers < 8 else { throw link.lost() }
            return
        }
        emptyAnswers = 0
        switch rows.status {
        case PGRES_PIPELINE_SYNC:
            settle(&statements)
        case PGRES_PIPELINE_ABORTED:
            break
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(.server, "COPY needs copyIn(into:columns:); the connection was given up")
        default:
            let error = rows.serverError()
            if let error, flights[head].error == nil { flights[head].error = error }
            if flights[head].awaitsPrepare {
                flights[head].awaitsPrepare = false
                if error != nil, let key = flights[head].key { statements.forget(key) }
            } else if error == nil {
                flights[head].rows = rows
            }
            if PQstatus(link.handle) == CONNECTION_BAD { throw link.lost() }
        }
    }

    /// The sync of the head has arrived: its statement is over.
    private func settle(_ statements: inout StatementCache) {
        let flight = flights[head]
        head += 1
        headGraceEnd = nil
        headCancelSent = false
        guard let error = flight.error else {
            if let rows = flight.rows {
                flight.request.finish(.success(PostgresRequest.Reply(rows: rows, generation: generation)))
            } else {
                flight.request.fail(PostgresError(.server, "the server sent no result"))
            }
            return
        }
        if error.invalidatesStatement, let key = flight.key { statements.forget(key) }
        // Neither a statement that the server did not know nor one that it cancelled has run.
        let didNotRun = error.invalidatesStatement || (error.sqlState == "57014" && cancelledSomething)
        if didNotRun, flight.request.mayRetry() {
            retries.append(flight.request)
        } else {
            flight.request.fail(error.ownTimeout())
        }
    }

    /// Takes what arrived before the connection broke, so that every caller learns what is known.
    private func salvage(_ statements: inout StatementCache) {
        var nothing = 0
        // Two empty answers in a row: libpq has nothing left. The bound is for a libpq that disagrees.
        // While libpq is busy, asking it would block: the connection may be whole, only given up.
        for _ in 0..<(flights.count * 6 + 6) where head < flights.count && nothing < 2 && !link.isBusy {
            guard let rows = link.nextResult() else {
                nothing += 1
                continue
            }
            nothing = 0
            if rows.status == PGRES_PIPELINE_SYNC {
                settle(&statements)
            } else if let error = rows.serverError() {
                if error.sqlState != nil, flights[head].error == nil { flights[head].error = error }
            } else if rows.status == PGRES_TUPLES_OK || rows.status == PGRES_COMMAND_OK {
                if flights[head].awaitsPrepare {
                    flights[head].awaitsPrepare = false
                } else {
                    flights[head].rows = rows
                }
            }
        }
    }

    // MARK: Deadlines and cancellation

    /// Looks after those who wait before the thread sleeps.
    private func attend() throws(PostgresError) -> Instant {
        let now = ContinuousClock.now
        if let closing = mailbox.closing, closing <= now {
            throw PostgresError(.closed, "the connection is shut down; the statement may or may not have run")
        }
        if let deadline = earliest, deadline <= now {
            earliest = nil
            for flight in flights[head...] where !flight.request.isDone {
                if flight.request.deadline <= now {
                    flight.request.fail(PostgresRequest.deadlinePassed)
                } else {
                    earliest = min(earliest ?? flight.request.deadline, flight.request.deadline)
                }
            }
        }
        if head < flights.count, flights[head].request.isDone {
            headGraceEnd = headGraceEnd ?? now + PostgresConfiguration.grace
            // One at a time: the end of the run waits for the last one only.
            if !headCancelSent, cancel?.isDone ?? true {
                headCancelSent = true
                cancelledSomething = true
                cancel = CancelRequest(link, wake: mailbox.wake)
            }
        }
        if let end = headGraceEnd, end <= now {
            throw PostgresError(
                .connectionLost,
                "the server did not cancel a statement within \(PostgresConfiguration.grace); the connection was "
                    + "given up, so this statement may or may not have run"
            )
        }
        let until = [earliest, headGraceEnd].compactMap(\.self).min() ?? now + .seconds(60)
        return mailbox.prepareSleep(until: until, now: now)
    }

    /// Waits until a cancel request can no longer hit a statement of the next pipeline.
    private func awaitCancel() throws(PostgresError) {
        let end = ContinuousClock.now + PostgresConfiguration.grace
        while let cancel, !cancel.isDone {
            try link.exchange { () throws(PostgresError) in
                let now = ContinuousClock.now
                guard end > now else {
                    throw PostgresError(.connectionLost, "a cancel request got no answer; the connection was given up")
                }
                return mailbox.prepareSleep(until: end, now: now)
            }
        }
    }
}
