/// Why Redis did not do what was asked.
///
/// The message names the cause and the remedy. It never carries payloads, passwords or URLs: the server's own text is
/// cut before the point where it quotes arguments.
package struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure a caller can tell apart.
    package enum Code: String, Sendable {
        /// No usable connection could be made; nothing was sent.
        case connectionFailed
        /// The connection died after the command was handed to it; whether the command ran is unknown.
        case connectionLost
        /// No answer came in time; whether a command that was sent ran is unknown.
        case timeout
        /// Too many commands are waiting; nothing was sent.
        case overloaded
        /// The client was shut down.
        case closed
        /// The calling task was cancelled; whether a command that was sent ran is unknown.
        case cancelled
        /// The server answered with an error; ``serverCode`` holds its first word.
        case server
        /// The answer has a shape that the command cannot have.
        case unexpectedReply
        /// A setting cannot work.
        case invalidConfiguration
    }

    package let code: Code
    package let message: String
    /// The first word of the server's error, such as `NOGROUP`; nil when the server did not speak.
    package let serverCode: String?

    package init(_ code: Code, _ message: String, serverCode: String? = nil) {
        self.code = code
        self.message = message
        self.serverCode = serverCode
    }

    /// An error reply of the server.
    init(reply text: String) {
        self.init(.server, Self.withoutArguments(text), serverCode: Self.firstWord(of: text))
    }

    package var description: String { "redis \(code.rawValue): \(message)" }

    /// The stream or its consumer group is gone.
    ///
    /// Redis says UNBLOCKED to a reader that was waiting when it went.
    package var isNoGroup: Bool { serverCode == "NOGROUP" || serverCode == "UNBLOCKED" }
    /// The server does not know the script's digest, for example after a restart.
    package var isNoScript: Bool { serverCode == "NOSCRIPT" }
    /// The consumer group exists already.
    package var isBusyGroup: Bool { serverCode == "BUSYGROUP" }
    /// The server is at `maxmemory` and may not evict.
    package var isOutOfMemory: Bool { serverCode == "OOM" }
    /// The server is still reading its data set from disk.
    package var isLoading: Bool { serverCode == "LOADING" }

    static func firstWord(of text: String) -> String {
        String(text.prefix { $0 != " " && $0 != ":" }.prefix(32))
    }

    /// The server quotes the arguments of a command it does not know; a password or a payload may be among them.
    private static func withoutArguments(_ text: String) -> String {
        let marker = ", with args beginning with"
        var cut = Substring(text)
        while !cut.isEmpty && !cut.hasPrefix(marker) { cut = cut.dropFirst() }
        let kept = text[..<cut.startIndex]
        return kept.count > longestMessage ? kept.prefix(longestMessage) + "…" : String(kept)
    }

    /// Enough for every message of Redis 7 and for one line of a log.
    private static let longestMessage = 240
}

extension RedisError {
    static let closed = RedisError(.closed, "the client was shut down")
    static let cancelled = RedisError(.cancelled, "the calling task was cancelled")

    static func unexpected(_ reply: RedisValue, to command: String, wanted: String) -> RedisError {
        RedisError(.unexpectedReply, "\(command) answered \(reply.kind) where \(wanted) was due")
    }
}
