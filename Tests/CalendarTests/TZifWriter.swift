import Calendar
import Foundation

/// Makes zone files of the tests' own.
struct TZifWriter {
    struct Change {
        let at: Int64
        let offset: Int64
    }

    let initial: Int64
    let changes: [Change]
    let footer: String

    var bytes: [UInt8] {
        let offsets = [initial] + changes.map(\.offset)
        var bytes = header(times: 0, types: 1, characters: 4) + type(0) + Array("XXX\0".utf8)
        bytes += header(times: changes.count, types: offsets.count, characters: 4)
        for change in changes { bytes += big(change.at, 8) }
        for index in changes.indices { bytes.append(UInt8(index + 1)) }
        for offset in offsets { bytes += type(offset) }
        return bytes + Array("XXX\0\n\(footer)\n".utf8)
    }

    func rules(_ name: String) throws -> ZoneRules { try ZoneRules(name: name, tzif: bytes) }

    /// The path of a file with these rules, for the length of `body`.
    func withFile<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("zone-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return try await body(path)
    }

    private func header(times: Int, types: Int, characters: Int) -> [UInt8] {
        Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
            + [0, 0, 0, times, types, characters].flatMap { big(Int64($0), 4) }
    }

    private func type(_ offset: Int64) -> [UInt8] { big(offset, 4) + [0, 0] }

    private func big(_ value: Int64, _ length: Int) -> [UInt8] {
        (0..<length).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * Int64($0))) }
    }
}
