import FoundationEssentials

/// A small text file, or standard input.
enum TextFile {
    /// Reads the file at `path`, or standard input for `-`; `what` names its content when it cannot be read.
    static func read(_ path: String, what: String) throws -> String {
        do {
            let bytes = try Data(contentsOf: URL(filePath: path == "-" ? "/dev/stdin" : path))
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            throw ControlError("\(what) cannot be read from \(path); check that the file exists and may be read")
        }
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
