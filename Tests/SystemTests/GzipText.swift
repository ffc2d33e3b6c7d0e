import Foundation
import Support

/// Packs bodies with the gzip command: an implementation that is not ours.
enum GzipText {
    static func packed(_ text: String) throws -> [UInt8] { try packed(Array(text.utf8)) }

    static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "cloudoptim-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["--stdout", "--fast", path]
        let output = Pipe()
        gzip.standardOutput = output
        try gzip.run()
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        gzip.waitUntilExit()
        guard gzip.terminationStatus == 0 else { throw SupportError("gzip failed") }
        return Array(packed)
    }
}
