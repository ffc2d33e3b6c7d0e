import Foundation
import Support
import ThreadExecution

/// Speaks HTTP byte by byte, wrongly too, where an HTTP client would not.
enum RawHTTP {
    struct Answer {
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
        /// The first status line's code; nil when the server closed without a word.
        var status: Int? {
            let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
            return words.first?.hasPrefix("HTTP/1.") == true && words.count > 1 ? Int(words[1]) : nil
        }
        var body: String { text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? "" }
    }

    /// Sends the pieces and reads until the server closes, says nothing more for `patience`, or has sent 1 MiB.
    ///
    /// With `abandon` it closes right after sending, without reading.
    static func exchange(
        port: Int,
        _ pieces: [[UInt8]],
        abandon: Bool = false,
        patience: Int = 10
    ) async throws -> Answer {
        let pool = ComputePool(name: "raw", threads: 1)
        let answer = try await pool.run { try talk(port, pieces, abandon, patience) }
        await pool.shutdown()
        return answer
    }

    static func exchange(port: Int, _ text: String, patience: Int = 10) async throws -> Answer {
        try await exchange(port: port, [Array(text.utf8)], patience: patience)
    }

    private static func talk(_ port: Int, _ pieces: [[UInt8]], _ abandon: Bool, _ patience: Int) throws -> Answer {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw SupportError("no socket") }
        defer { close(connection) }
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw SupportError("nobody listens on port \(port)") }
        sending: for piece in pieces {
            var sent = 0
            while sent < piece.count {
                let count = piece.withUnsafeBytes { bytes in
                    send(connection, bytes.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { break sending }  // the server has had enough: what it said is still to be read
                sent += count
            }
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while !abandon, answer.count < 1 << 20 {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer.prefix(count)
        }
        return Answer(bytes: answer)
    }
}
