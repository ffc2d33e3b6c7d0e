import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#endif

/// Standard output as it is read: at once, by a person or by a program.
enum Terminal {
    /// Whether a person sits at both ends.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Writes to standard error: questions and remarks, which do not belong to the answer.
    static func write(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes a line of the answer and lets it go at once, also into a pipe.
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                // Nobody reads any more.
                guard count > 0 else { return }
                rest = .init(rebasing: rest[count...])
            }
        }
    }
}

/// Times as people read them.
enum Age {
    /// `35ms`, `4.2s`, `12s`, `3m 20s`, `2h 05m`, `4d 3h`.
    static func text(_ seconds: Double) -> String {
        let seconds = max(0, seconds)
        if seconds < 1 { return "\(Int(seconds * 1000))ms" }
        if seconds < 10 { return "\((seconds * 10).rounded(.down) / 10)s" }
        let whole = Int(seconds.rounded(.down))
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3600: return "\(whole / 60)m \(two(whole % 60))s"
        case ..<86_400: return "\(whole / 3600)h \(two(whole % 3600 / 60))m"
        default: return "\(whole / 86_400)d \(whole % 86_400 / 3600)h"
        }
    }

    static func text(from start: Date, to end: Date) -> String { text(end.timeIntervalSince(start)) }

    /// With thousands apart: `12,345`.
    static func number(_ value: Int) -> String {
        var digits = String(abs(value))
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = String(digits.dropLast(3))
        }
        return (value < 0 ? "-" : "") + ([Substring(digits)] + groups).joined(separator: ",")
    }
}

extension String {
    /// Cut to a width, with an ellipsis where something is missing; control characters become blanks.
    func shortened(to width: Int) -> String {
        let line = String(
            map {
                $0.isNewline || $0.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } ? " " : $0
            }
        )
        return line.count <= width ? line : String(line.prefix(width - 1)) + "…"
    }
}
