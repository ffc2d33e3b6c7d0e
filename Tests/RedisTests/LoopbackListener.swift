import Glibc
import Redis
import ThreadExecution

/// A server that does not behave: it never answers, answers nonsense, or hangs up.
final class LoopbackListener: Sendable {
    let port: Int
    private let socket: Int32
    /// Everything that was received, all connections together.
    let received = Box<[UInt8]>([])
    private let accepted = Box<[Int32]>([])

    /// Listens without accepting: the kernel completes connections, nobody ever answers.
    init() throws {
        (socket, port) = try Self.listen()
    }

    /// Accepts connections and answers each chunk that comes with what `answer` returns; nil hangs up.
    convenience init(answering answer: @escaping @Sendable (_ chunk: String) -> String?) throws {
        try self.init()
        let (socket, received, accepted) = (socket, received, accepted)
        OSThread.detach(name: "misbehaving") {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                accepted.change { $0.append(connection) }
                OSThread.detach(name: "misbehaving") { Self.serve(connection, received, answer) }
            }
        }
    }

    deinit {
        // shutdown wakes the thread that accepts; close alone does not.
        Glibc.shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
        for connection in accepted.value { Glibc.shutdown(connection, Int32(SHUT_RDWR)) }
    }

    var configuration: RedisConfiguration {
        var configuration = RedisConfiguration(port: port)
        configuration.connectTimeout = .seconds(1)
        configuration.commandTimeout = .seconds(1)
        return configuration
    }

    private static func serve(
        _ connection: Int32,
        _ received: Box<[UInt8]>,
        _ answer: @Sendable (String) -> String?
    ) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            received.change { $0 += buffer[..<count] }
            guard let text = answer(String(decoding: buffer[..<count], as: UTF8.self)) else { break }
            let bytes = Array(text.utf8)
            guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { break }
        }
        Glibc.shutdown(connection, Int32(SHUT_RDWR))
    }

    /// A port that nothing listens on at the moment.
    static func freePort() throws -> Int {
        let (socket, port) = try listen()
        close(socket)
        return port
    }

    private static func listen() throws -> (socket: Int32, port: Int) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(socket, generic, size) == 0 && Glibc.listen(socket, 64) == 0
                    && getsockname(socket, generic, &size) == 0
            }
        }
        guard bound else { throw TestFailure("no loopback port: error \(errno)") }
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }
}
