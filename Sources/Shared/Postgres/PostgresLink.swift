import CLibpq
import Glibc

/// One libpq connection in non-blocking mode; every wait goes through `poll` with a deadline.
///
/// Not `Sendable`: it belongs to one thread. What it waits for is decided by an *attendant*, a closure that is called
/// before every sleep, says until when to sleep, and throws to give up.
final class PostgresLink {
    typealias Instant = ContinuousClock.Instant
    typealias Attendant = () throws(PostgresError) -> Instant

    let handle: OpaquePointer
    private let wake: WakeSignal?
    /// The server has said that it ends the session.
    private var isDismissed = false
    /// The untranslated severity of a message; a character literal in C and so invisible to Swift.
    private static let severityField = Int32(UInt8(ascii: "V"))

    private init(handle: OpaquePointer, wake: WakeSignal?) {
        self.handle = handle
        self.wake = wake
        // The default writes notices to standard error. One of them matters: an administrator's farewell to an idle
        // session is, for libpq, a notice of fatal severity.
        PQsetNoticeReceiver(
            handle,
            { link, notice in
                guard let link, let severity = PQresultErrorField(notice, PostgresLink.severityField),
                    strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0
                else { return }
                Unmanaged<PostgresLink>.fromOpaque(link).takeUnretainedValue().isDismissed = true
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit { PQfinish(handle) }

    /// Makes a connection; the attendant must throw when it has waited long enough.
    static func connect(
        _ configuration: PostgresConfiguration,
        wake: WakeSignal?,
        attendant: Attendant
    ) throws(PostgresError) -> PostgresLink {
        var parameters = configuration.libpqParameters
        if parameters["hostaddr"] == nil, let host = parameters["host"], HostResolver.needsResolving(host) {
            let addresses = try HostResolver.resolve(host, wake: wake, attendant: attendant)
            // libpq tries them in turn; the name stays with each, since TLS verifies it.
            parameters["hostaddr"] = addresses.joined(separator: ",")
            parameters["host"] = addresses.map { _ in host }.joined(separator: ",")
        }
        let names = Array(parameters.keys)
        let started = CStrings.withPointers(names) { keywords in
            CStrings.withPointers(names.map { parameters[$0] ?? "" }) { values in
                PQconnectStartParams(keywords, values, 0)
            }
        }
        guard let started else { throw PostgresError(.connectionFailed, "no memory for a connection") }
        let link = PostgresLink(handle: started, wake: wake)
        // Else a refusal comes without its SQLSTATE.
        PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
        // libpq begins as if it had just asked to write.
        var state = PGRES_POLLING_WRITING
        while true {
            guard PQstatus(started) != CONNECTION_BAD else { throw link.refusal(configuration) }
            switch state {
            case PGRES_POLLING_OK:
                guard PQsetnonblocking(started, 1) == 0 else { throw link.refusal(configuration) }
                PQsetErrorVerbosity(started, PQERRORS_DEFAULT)
                return link
            case PGRES_POLLING_FAILED: throw link.refusal(configuration)
            default: break
            }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            let until = try attendant()
            let ready = link.sleep(for: Int16(events), until: until)
            if ready != 0 { state = PQconnectPoll(started) }
        }
    }

    private func refusal(_ configuration: PostgresConfiguration) -> PostgresError {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let refusal = ServerRefusal(text)
        return PostgresError(
            .connectionFailed,
            refusal.message.isEmpty ? "the server refused the connection" : configuration.redacted(refusal.message),
            sqlState: refusal.sqlState
        )
    }

    // MARK: Waiting

    /// Sleeps until the socket is ready, the wake signal arrives, or the time has come; returns the socket's events.
    private func sleep(for events: Int16, until: Instant) -> Int16 {
        Self.poll(PQsocket(handle), events, wake: wake, until: until)
    }

    static func poll(_ socket: Int32, _ events: Int16, wake: WakeSignal?, until: Instant) -> Int16 {
        // A negative descriptor is ignored by poll.
        var descriptors = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: wake?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let left = until - .now
        // Rounded up, so that poll does not end just before the deadline again and again; a minute at most, so that
        // the conversion cannot overflow.
        let milliseconds = left <= .zero ? 0 : Int32(min(left, .seconds(60)).wholeMilliseconds) + 1
        guard Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else { return 0 }
        if descriptors[1].revents != 0 { wake?.reset() }
        return descriptors[0].revents
    }

    /// Sends what is buffered and takes in what has arrived, sleeping once at most.
    ///
    /// - Throws: What the attendant throws, or ``PostgresError/Code/connectionLost``.
    func exchange(_ attendant: Attendant) throws(PostgresError) {
        let unsent = PQflush(handle)
        guard unsent >= 0 else { throw lost() }
        let until = try attendant()
        let ready = sleep(for: Int16(unsent > 0 ? POLLIN | POLLOUT : POLLIN), until: until)
        if ready & Int16(POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0 {
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    /// Whether the server could still be there: notices a connection that was closed while nobody used it.
    func looksAlive() -> Bool {
        guard PQstatus(handle) == CONNECTION_OK else { return false }
        let ready = Self.poll(PQsocket(handle), Int16(POLLIN), wake: nil, until: .now)
        guard ready != 0 else { return true }
        guard PQconsumeInput(handle) == 1 else { return false }
        // Asked only because it makes libpq read what has arrived.
        guard !isBusy, !isDismissed else { return false }
        return PQstatus(handle) == CONNECTION_OK && ready & Int16(POLLHUP | POLLERR) == 0
            && Self.poll(PQsocket(handle), Int16(POLLIN), wake: nil, until: .now) == 0
    }

    /// What to tell a caller whose statement was under way.
    func lost() -> PostgresError {
        let text = PQerrorMessage(handle).map { PostgresError.singleLine(String(cString: $0)) } ?? ""
        return PostgresError(
            .connectionLost,
            "the connection broke, so the statement may or may not have run\(text.isEmpty ? "" : ": \(text)")"
        )
    }

    // MARK: Results

    /// Whether the next result has not arrived yet.
    var isBusy: Bool { PQisBusy(handle) == 1 }

    /// The next result; nil marks the end of one statement's results.
    func nextResult() -> PostgresRows? { PQgetResult(handle).map(PostgresRows.init(owning:)) }

    /// Every result up to the end of the statement; outside pipeline mode.
    ///
    /// A COPY stops it: the connection then waits for data.
    func results(_ attendant: Attendant) throws(PostgresError) -> [PostgresRows] {
        var found: [PostgresRows] = []
        while true {
            while isBusy {
                do {
                    try exchange(attendant)
                } catch {
                    // What the server said last explains the break better than the break itself.
                    guard error.code == .connectionLost else { throw error }
                    throw found.lazy.compactMap { $0.serverError() }.first ?? farewell() ?? error
                }
            }
            guard let rows = nextResult() else { return found }
            found.append(rows)
            switch rows.status {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: return found
            default: break
            }
        }
    }

    /// The last error that arrived before the connection broke.
    func farewell() -> PostgresError? {
        guard !isBusy, let error = nextResult()?.serverError(), error.sqlState != nil else { return nil }
        return error
    }

    /// Where the session stands between BEGIN and COMMIT.
    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(handle) }
}
