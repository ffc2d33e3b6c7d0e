import Glibc
import Synchronization
import ThreadExecution

/// A loopback HTTP server that answers each request with the bytes a test wrote down, faults included.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case bytes([UInt8])
        /// Waits, at most until the server is stopped.
        case pause(milliseconds: Int)
        /// Ends the connection with RST.
        case reset
        /// Ends the connection in good order.
        case close
    }

    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [String: String]
        var body: [UInt8]
    }

    let port: UInt16
    private let listener: Int32
    private let stopped = Atomic<Bool>(false)
    private let seen = Mutex<[Request]>([])
    private let script: @Sendable (Request, Int) -> [Step]

    /// Calls the script with each request and its number, from 0.
    init(_ script: @escaping @Sendable (Request, Int) -> [Step]) throws {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var bound = sockaddr_in()
        var boundLength = length
        let listener = listener
        let ready = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0
            }
        }
        let named = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &boundLength) == 0 }
        }
        struct NoPort: Error {}
        guard ready, named else { throw NoPort() }
        port = UInt16(bigEndian: bound.sin_port)
        OSThread.detach(name: "scripted") { self.accept() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.withLock { $0 } }

    func stop() {
        stopped.store(true, ordering: .releasing)
        Glibc.shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func accept() {
        while !stopped.load(ordering: .acquiring) {
            let connection = Glibc.accept(listener, nil, nil)
            guard connection >= 0 else { return }
            OSThread.detach(name: "scripted-1") { self.serve(connection) }
        }
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        while let request = read(connection) {
            let number = seen.withLock { seen in
                seen.append(request)
                return seen.count - 1
            }
            for step in script(request, number) {
                switch step {
                case .bytes(let bytes):
                    var sent = 0
                    while sent < bytes.count {
                        let count = bytes[sent...].withUnsafeBytes {
                            send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                        }
                        if count <= 0 { return }
                        sent += count
                    }
                case .pause(let milliseconds):
                    for _ in 0..<max(1, milliseconds / 10) where !stopped.load(ordering: .acquiring) { usleep(10_000) }
                case .reset:
                    var linger = linger(l_onoff: 1, l_linger: 0)
                    setsockopt(
                        connection,
                        SOL_SOCKET,
                        SO_LINGER,
                        &linger,
                        socklen_t(MemoryLayout.size(ofValue: linger))
                    )
                    return
                case .close:
                    return
                }
            }
        }
    }

    private func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        var head: Int?
        while true {
            if head == nil { head = Self.endOfHead(bytes) }
            if let head {
                let text = String(decoding: bytes[..<head], as: UTF8.self)
                let lines = text.split(separator: "\r\n")
                let words = (lines.first ?? "").split(separator: " ")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let halves = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                    if halves.count == 2 {
                        headers[halves[0].lowercased()] = halves[1].drop(while: { $0 == " " }).description
                    }
                }
                let length = headers["content-length"].flatMap { Int($0) } ?? 0
                if bytes.count >= head + length, words.count >= 2 {
                    return Request(
                        method: String(words[0]),
                        target: String(words[1]),
                        headers: headers,
                        body: Array(bytes[head..<head + length])
                    )
                }
            }
            let count = recv(connection, &block, block.count, 0)
            if count <= 0 { return nil }
            bytes += block[..<count]
        }
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count where bytes[end - 4..<end].elementsEqual([13, 10, 13, 10]) { return end }
        return nil
    }
}

extension ScriptedServer.Step {
    static func answer(_ status: Int, _ headers: [String] = [], _ body: String = "") -> Self {
        let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
        return .bytes(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    static func raw(_ text: String) -> Self { .bytes(Array(text.utf8)) }
}
