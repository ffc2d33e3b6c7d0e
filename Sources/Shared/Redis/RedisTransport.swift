private import CHiredis
private import Glibc

/// One socket to a server and hiredis's buffers on both sides of it.
///
/// Nothing else of this module touches hiredis's context, so that another transport (TLS) has one place to be added.
///
/// The socket never blocks: hiredis formats, buffers and parses; every wait is a poll with a deadline. A server that
/// stopped in the middle of a reply can hold a caller no longer than that. Must be used on one thread only.
struct RedisTransport: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>
    private let interrupt: RedisInterrupt

    deinit { redisFree(context) }

    private init(context: UnsafeMutablePointer<redisContext>, interrupt: RedisInterrupt) {
        self.context = context
        self.interrupt = interrupt
    }

    // MARK: Connecting

    /// Connects to the first address that answers.
    ///
    /// No command has been sent yet.
    static func connect(
        to endpoint: RedisConfiguration.Endpoint,
        interrupt: RedisInterrupt,
        until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> RedisTransport {
        blockBrokenPipeSignal()
        switch endpoint {
        case .unix(let path):
            return try finish(redisConnectUnixNonBlock(path), interrupt, until: deadline)
        case .tcp(let host, let port):
            let addresses = try RedisAddress.resolve(host, interrupt: interrupt, until: deadline)
            var failure = RedisError(.connectionFailed, "the server did not answer in time")
            for (index, address) in addresses.enumerated() {
                // An address that swallows packets may not eat the time of those behind it.
                let share = max(.zero, deadline - .now) / (addresses.count - index)
                do throws(RedisError) {
                    let context = redisConnectNonBlock(address.numeric, Int32(port))
                    return try finish(context, interrupt, until: .now + share)
                } catch {
                    if error.code != .connectionFailed { throw error }
                    failure = error
                }
            }
            throw failure
        }
    }

    private static func finish(
        _ context: UnsafeMutablePointer<redisContext>?,
        _ interrupt: RedisInterrupt,
        until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> RedisTransport {
        guard let context else { throw RedisError(.connectionFailed, "out of memory") }
        let transport = RedisTransport(context: context, interrupt: interrupt)
        if context.pointee.err != 0 { throw RedisError(.connectionFailed, transport.reason) }
        // hiredis leaves the descriptor open across exec; a child process must not hold our connection.
        _ = fcntl(context.pointee.fd, F_SETFD, FD_CLOEXEC)
        // hiredis counts it as a failure of the connection where the socket is not TCP's.
        if context.pointee.connection_type == REDIS_CONN_TCP { _ = redisEnableKeepAlive(context) }
        switch RedisPoll.wait(
            socket: context.pointee.fd,
            events: Int16(POLLOUT),
            interrupt: interrupt,
            until: deadline
        )
        {
        case .interrupted: throw .cancelled
        case .expired: throw RedisError(.connectionFailed, "the server did not accept the connection in time")
        case .ready: break
        }
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(context.pointee.fd, SOL_SOCKET, SO_ERROR, &failure, &size)
        guard failure == 0 else { throw RedisError(.connectionFailed, String(cString: strerror(failure))) }
        return transport
    }

    /// hiredis writes without MSG_NOSIGNAL, and a write to a closed connection would end the process.
    ///
    /// Executables ignore SIGPIPE; a test runner or a tool may not, so the thread that writes keeps it out for itself.
    private static func blockBrokenPipeSignal() {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    // MARK: Sending and receiving

    /// Puts a command into the output buffer.
    ///
    /// It leaves with the next ``readReply(until:)``.
    borrowing func append(_ command: RedisCommand) {
        let count = command.ends.count
        command.bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { pointers in
                withUnsafeTemporaryAllocation(of: Int.self, capacity: count) { lengths in
                    // An empty argument has no bytes to point at, yet hiredis wants a pointer.
                    let base = bytes.baseAddress ?? UnsafeRawPointer(context)
                    var start = 0
                    for (index, end) in command.ends.enumerated() {
                        let argument = (base + start).assumingMemoryBound(to: CChar.self)
                        pointers.initializeElement(at: index, to: argument)
                        lengths.initializeElement(at: index, to: end - start)
                        start = end
                    }
                    // A failure stays in the context and comes out of the next write.
                    _ = lengths.withMemoryRebound(to: size_t.self) {
                        redisAppendCommandArgv(context, Int32(count), pointers.baseAddress, $0.baseAddress)
                    }
                }
            }
        }
    }

    /// Returns the next reply, sending whatever is still in the output buffer meanwhile.
    ///
    /// - Throws: `timeout` at the deadline, `connectionLost`, `unexpectedReply` for what is not RESP2, `cancelled`
    ///   when interrupted. After a timeout and after an interrupt the transport is intact, and the reply still due.
    borrowing func readReply(until deadline: ContinuousClock.Instant) throws(RedisError) -> RedisValue {
        while true {
            if let reply = try takeReply() { return reply }
            let unsent = try write()
            let events = Int16(POLLIN) | (unsent ? Int16(POLLOUT) : 0)
            let ready = try wait(for: events, until: deadline)
            if ready & ~Int16(POLLOUT) != 0 { try read() }
        }
    }

    /// Whether the server has hung up, or spoken out of turn, while nobody was asking.
    borrowing func isStale() -> Bool {
        context.pointee.err != 0 || RedisPoll.isReadable(context.pointee.fd)
    }

    private borrowing func wait(
        for events: Int16,
        until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> Int16 {
        switch RedisPoll.wait(socket: context.pointee.fd, events: events, interrupt: interrupt, until: deadline) {
        case .ready(let events): return events
        case .interrupted: throw .cancelled
        case .expired: throw RedisError(.timeout, "the server did not answer in time")
        }
    }

    private borrowing func takeReply() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisGetReplyFromReader(context, &reply) == REDIS_OK else { throw failure() }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return RedisValue(copying: reply.assumingMemoryBound(to: redisReply.self))
    }

    /// Writes what the socket takes; true when bytes remain.
    private borrowing func write() throws(RedisError) -> Bool {
        var done: Int32 = 0
        guard redisBufferWrite(context, &done) == REDIS_OK else { throw failure() }
        return done == 0
    }

    private borrowing func read() throws(RedisError) {
        guard redisBufferRead(context) == REDIS_OK else { throw failure() }
    }

    private borrowing func failure() -> RedisError {
        if context.pointee.err == REDIS_ERR_PROTOCOL {
            return RedisError(.unexpectedReply, "the server sent what this client cannot read: \(reason)")
        }
        return RedisError(.connectionLost, "the connection was lost (\(reason))")
    }

    /// hiredis's words for its last error.
    private var reason: String {
        withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
