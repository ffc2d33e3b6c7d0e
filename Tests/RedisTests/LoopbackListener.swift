import Glibc
import Redis
import Support
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
        (socket, port) = try LoopbackPort.silent()
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

    /// Deadlines that fire only when a test means them to.
    func configuration(
        connectTimeout: Duration = .seconds(10),
        commandTimeout: Duration = .seconds(15)
    ) -> RedisConfiguration {
        var configuration = RedisConfiguration(port: port)
        configuration.connectTimeout = connectTimeout
        configuration.commandTimeout = commandTimeout
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
}
