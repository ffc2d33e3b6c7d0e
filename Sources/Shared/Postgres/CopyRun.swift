import CLibpq
import Synchronization

/// One COPY: leaves pipeline mode, which knows no COPY, streams the rows, and enters it again.
final class CopyRun {
    typealias Instant = ContinuousClock.Instant

    private let link: PostgresLink
    private let mailbox: PostgresMailbox
    private let configuration: PostgresConfiguration

    init(link: PostgresLink, mailbox: PostgresMailbox, configuration: PostgresConfiguration) {
        self.link = link
        self.mailbox = mailbox
        self.configuration = configuration
    }

    /// Answers the request in every case.
    ///
    /// - Throws: When the connection cannot be used any more.
    func run(_ copy: PostgresCopy, _ request: PostgresRequest, generation: UInt64) throws(PostgresError) {
        guard !request.isDone else { return }
        guard request.deadline > .now else {
            request.fail(PostgresRequest.deadlinePassedUnsent)
            return
        }
        do {
            try link.exitPipeline()
            let outcome = try copyRows(copy, request)
            try link.enterPipeline()
            request.finish(outcome.map { PostgresRequest.Reply(rows: $0, generation: generation) })
        } catch {
            request.fail(error)
            throw error
        }
    }

    /// The server's or the writer's refusal is a failure in the result; only a broken connection is thrown.
    private func copyRows(
        _ copy: PostgresCopy,
        _ request: PostgresRequest
    ) throws(PostgresError) -> Result<PostgresRows, PostgresError> {
        // The types of the columns, since binary COPY converts nothing.
        let described = try ask("SELECT \(copy.columnList) FROM \(copy.tableName) LIMIT 0", request)
        guard case .success(let description) = described else { return described }
        let types = (0..<description.columnCount).map { description.columnType($0) }

        // Both statements of a script share a transaction, so the longer timeout ends with the COPY.
        let timeout = "SET LOCAL statement_timeout = \(max(1, copy.timeout.wholeMilliseconds))"
        let begun = try ask(
            "\(timeout); COPY \(copy.tableName) (\(copy.columnList)) FROM STDIN (FORMAT binary)",
            request
        )
        guard case .success(let started) = begun, started.status == PGRES_COPY_IN else { return begun }

        var writer = PostgresCopyWriter(columns: copy.columns, types: types) { [self] (chunk) throws(PostgresError) in
            try put(chunk, request)
        }
        var failure: PostgresError?
        do {
            try copy.write(&writer)
            try writer.finish()
        } catch {
            if PQstatus(link.handle) == CONNECTION_BAD { throw link.lost() }
            copy.failure.withLock { $0 = error }
            failure =
                error as? PostgresError ?? PostgresError(.cancelled, "the writer of the rows failed; none was stored")
        }
        try end(failure == nil ? nil : "the client gave up")
        let results = try link.results(
            attendant(request, giveUpAt: .now + configuration.defaultDeadline + copy.timeout)
        )
        if let failure { return .failure(failure) }
        if let error = results.lazy.compactMap({ $0.serverError() }).first { return .failure(error.ownTimeout()) }
        guard let last = results.last else { return .failure(PostgresError(.server, "the server sent no result")) }
        return .success(last)
    }

    /// Runs a script and hands out its last result.
    private func ask(_ sql: String, _ request: PostgresRequest) throws(PostgresError) -> Result<
        PostgresRows, PostgresError
    > {
        try link.sendScript(sql)
        let results = try link.results(attendant(request, giveUpAt: request.deadline))
        if let error = results.lazy.compactMap({ $0.serverError() }).first { return .failure(error.ownTimeout()) }
        guard let last = results.last else { return .failure(PostgresError(.server, "the server sent no result")) }
        return .success(last)
    }

    private func put(_ chunk: [UInt8], _ request: PostgresRequest) throws(PostgresError) {
        // A caller who left ends the COPY between two chunks.
        if request.isDone { throw PostgresRequest.cancelledByCaller }
        if request.deadline <= .now { throw PostgresRequest.deadlinePassed }
        let wait = attendant(request, giveUpAt: request.deadline)
        while true {
            let status = chunk.withUnsafeBytes { raw in
                PQputCopyData(link.handle, raw.assumingMemoryBound(to: CChar.self).baseAddress, Int32(raw.count))
            }
            guard status >= 0 else { throw link.lost() }
            if status == 1 { break }
            try link.exchange(wait)
        }
        // Sent before the next chunk is made, so that no more than one is in memory.
        while PQflush(link.handle) > 0 { try link.exchange(wait) }
    }

    private func end(_ reason: String?) throws(PostgresError) {
        let end = ContinuousClock.now + PostgresConfiguration.grace
        while true {
            let status = PQputCopyEnd(link.handle, reason)
            guard status >= 0 else { throw link.lost() }
            if status == 1 { return }
            try link.exchange { () throws(PostgresError) in
                guard end > .now else {
                    throw PostgresError(.connectionLost, "the server takes no data; it was given up")
                }
                return end
            }
        }
    }

    /// Waits for the server; a caller who left has the connection given up after the grace period.
    private func attendant(_ request: PostgresRequest, giveUpAt end: Instant) -> PostgresLink.Attendant {
        var left: Instant?
        return { [mailbox] () throws(PostgresError) in
            let now = ContinuousClock.now
            if let closing = mailbox.closing, closing <= now {
                throw PostgresError(.closed, "the connection is shut down; the COPY was given up")
            }
            if request.deadline <= now { request.fail(PostgresRequest.deadlinePassed) }
            if request.isDone, left == nil { left = now + PostgresConfiguration.grace }
            let until = min(end, left ?? end)
            guard until > now || request.deadline > now else { throw PostgresRequest.deadlinePassed }
            guard until > now else { throw PostgresRequest.cancelledByCaller }
            return mailbox.prepareSleep(until: until, now: now)
        }
    }
}
