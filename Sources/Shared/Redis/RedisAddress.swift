private import Glibc
private import Synchronization
private import ThreadExecution

/// A numeric address behind a host name.
struct RedisAddress: Sendable, Equatable {
    let numeric: String

    /// All addresses of a host, in the resolver's order of preference.
    ///
    /// The system's resolver knows no deadline and cannot be interrupted. A name is therefore looked up on a thread of
    /// its own, which is left to itself when it takes too long; a numeric address needs no look-up.
    static func resolve(
        _ host: String,
        interrupt: RedisInterrupt,
        until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> [RedisAddress] {
        if let literal = try? lookUp(host, flags: AI_NUMERICHOST).get() { return literal }
        let search = Search()
        let started = OSThread.detach(name: "redis-resolver") { search.finish(lookUp(host, flags: 0)) }
        guard started else { throw RedisError(.connectionFailed, "the system grants no thread to look up \(host)") }
        switch RedisPoll.wait(
            socket: search.bell.descriptor,
            events: Int16(POLLIN),
            interrupt: interrupt,
            until: deadline
        )
        {
        case .interrupted: throw .cancelled
        case .expired: throw RedisError(.connectionFailed, "looking up the host \(host) took too long; check DNS")
        case .ready: return try search.result()
        }
    }

    private static func lookUp(_ host: String, flags: Int32) -> Result<[RedisAddress], RedisError> {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        var found: [RedisAddress] = []
        var next = list
        while status == 0, let entry = next {
            next = entry.pointee.ai_next
            if let address = RedisAddress(entry.pointee), !found.contains(address) { found.append(address) }
        }
        if !found.isEmpty { return .success(found) }
        let reason = status == 0 ? "none is IPv4 or IPv6" : String(cString: gai_strerror(status))
        return .failure(RedisError(.connectionFailed, "the host \(host) has no address (\(reason)); check its name"))
    }

    private init?(_ entry: addrinfo) {
        var text = [UInt8](repeating: 0, count: Int(NI_MAXHOST))
        let status = text.withUnsafeMutableBytes { buffer in
            getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                buffer.assumingMemoryBound(to: CChar.self).baseAddress,
                socklen_t(buffer.count),
                nil,
                0,
                NI_NUMERICHOST
            )
        }
        guard status == 0 else { return nil }
        numeric = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// A look-up under way: the resolver's thread fills it in and rings.
    private final class Search: Sendable {
        let bell = RedisInterrupt()
        private let found = Mutex<Result<[RedisAddress], RedisError>?>(nil)

        func finish(_ result: Result<[RedisAddress], RedisError>) {
            found.withLock { $0 = result }
            bell.raise()
        }

        func result() throws(RedisError) -> [RedisAddress] {
            guard let result = found.withLock({ $0 }) else {
                throw RedisError(
                    .connectionFailed,
                    "the look-up of the host failed; is the process out of descriptors?"
                )
            }
            return try result.get()
        }
    }
}
