import Glibc
import Synchronization
import ThreadExecution

/// Resolves host names on a thread of its own: libpq would block in the resolver, which knows no deadline.
enum HostResolver {
    /// Whether the resolver must be asked: not for addresses, socket folders and lists, which libpq handles itself.
    static func needsResolving(_ host: String) -> Bool {
        if host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host.contains(",") { return false }
        var space = in6_addr()
        return inet_pton(AF_INET, host, &space) != 1 && inet_pton(AF_INET6, host, &space) != 1
    }

    private enum Answer: Sendable {
        case pending
        case addresses([String])
        case failure(String)
    }

    private final class Inquiry: Sendable {
        let answer = Mutex(Answer.pending)
        let done: WakeSignal
        init() throws(PostgresError) { done = try WakeSignal() }
    }

    /// The addresses of a host, as text, in the order to try them.
    ///
    /// An inquiry that is given up keeps its thread until the resolver returns.
    static func resolve(
        _ host: String,
        wake: WakeSignal?,
        attendant: PostgresLink.Attendant
    ) throws(PostgresError) -> [String] {
        let inquiry = try Inquiry()
        let started = OSThread.detach(name: "resolve") {
            let answer = lookUp(host)
            inquiry.answer.withLock { $0 = answer }
            inquiry.done.signal()
        }
        guard started else { throw PostgresError(.connectionFailed, "no thread is left to resolve host names") }
        while true {
            switch inquiry.answer.withLock({ $0 }) {
            case .addresses(let addresses): return addresses
            case .failure(let reason):
                throw PostgresError(.connectionFailed, "the host name \(host) cannot be resolved: \(reason)")
            case .pending:
                let until = try attendant()
                _ = PostgresLink.poll(inquiry.done.descriptor, Int16(POLLIN), wake: wake, until: until)
            }
        }
    }

    private static func lookUp(_ host: String) -> Answer {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0, let first = list else { return .failure(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var candidate: UnsafeMutablePointer<addrinfo>? = first
        // Eight are plenty; all of them share one connect timeout.
        while let entry = candidate, addresses.count < 8 {
            if let text = text(of: entry.pointee), !addresses.contains(text) { addresses.append(text) }
            candidate = entry.pointee.ai_next
        }
        return addresses.isEmpty ? .failure("it has no address") : .addresses(addresses)
    }

    private static func text(of entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let named = getnameinfo(
            entry.ai_addr,
            entry.ai_addrlen,
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard named == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
