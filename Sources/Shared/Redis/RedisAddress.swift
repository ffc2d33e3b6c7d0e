private import Glibc

/// A numeric address behind a host name.
struct RedisAddress: Equatable {
    let numeric: String

    /// All addresses of a host, in the resolver's order of preference.
    ///
    /// Occupies the calling thread, and the system's resolver knows no deadline: callers who must not wait for it are
    /// released by ``RedisConnection``'s own guard.
    static func resolve(_ host: String) throws(RedisError) -> [RedisAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let reason = String(cString: gai_strerror(status))
            throw RedisError(.connectionFailed, "the host \(host) has no address (\(reason)); check its name")
        }
        var found: [RedisAddress] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            if let address = RedisAddress(entry.pointee), !found.contains(address) { found.append(address) }
        }
        guard !found.isEmpty else {
            throw RedisError(.connectionFailed, "the host \(host) has no address; check its name")
        }
        return found
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
}
