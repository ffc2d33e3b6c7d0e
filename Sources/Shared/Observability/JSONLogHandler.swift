import FoundationEssentials
package import Logging
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One JSON object per line on standard error: what log collectors read without configuration.
package struct JSONLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String
    private static let ownKeys: Set<String> = ["time", "level", "process", "message"]

    package init(label: String, level: Logger.Level) {
        self.label = label
        self.logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) { StandardError.write(line(event)) }

    func line(_ event: LogEvent) -> String {
        var line =
            #"{"time":""# + Date().formatted(.iso8601.year().month().day().time(includingFractionalSeconds: true))
        line += #"Z","level":""# + event.level.rawValue
        line += #"","process":""# + label + #"","message":"#
        line.appendJSON(event.message.description)
        let merged = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            line += ","
            // A key twice in one object means what each reader likes.
            line.appendJSON(Self.ownKeys.contains(key) ? key + "_" : key)
            line += ":"
            line.appendJSON("\(value)")
        }
        return line + "}\n"
    }
}

/// A line a person reads: time, level, message, key=value pairs.
package struct TextLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let label: String

    package init(label: String, level: Logger.Level) {
        self.label = label
        self.logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) { StandardError.write(line(event)) }

    func line(_ event: LogEvent) -> String {
        var line = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        line += " \(event.level.rawValue) \(label): \(event.message)"
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            line += " \(key)=\(value)"
        }
        return line.onOneLine + "\n"
    }
}

/// Standard error, a whole line at a time.
enum StandardError {
    private static let turn = Mutex(())

    static func write(_ line: String) {
        turn.withLock { _ in
            var line = line
            line.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = Glibc.write(2, rest.baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    rest = .init(rebasing: rest[count...])
                }
            }
        }
    }
}

extension String {
    /// Without control characters: a caller's text must neither look like another line nor command a terminal.
    fileprivate var onOneLine: String {
        var line = String.UnicodeScalarView()
        for scalar in unicodeScalars where scalar.properties.generalCategory != .control { line.append(scalar) }
        return String(line)
    }

    /// Appends a JSON string literal (RFC 8259, section 7).
    fileprivate mutating func appendJSON(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case ..<" ":
                let digits = String(scalar.value, radix: 16)
                append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: unicodeScalars.append(scalar)
            }
        }
        append("\"")
    }
}
